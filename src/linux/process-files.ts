import { readdirSync, readFileSync } from 'node:fs'
import { readProcessStat } from './process-stat.ts'

/** What of `/proc/PID` leads to the file itself when followed, whatever name it has now (proc_pid_exe(5) and its like). */
export type MagicLink = 'exe' | 'cwd' | 'root' | `fd/${string}`

/** `pid` may be the id of a thread: `/proc` shows it the same way. */
export function magicLink(pid: number, link: MagicLink): string {
  return `/proc/${pid}/${link}`
}

/** The numbers of the open descriptors, as text. Throws the error of opendir(3): EACCES, ENOENT. */
export function listDescriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`)
}

/** How a descriptor was opened: the flags of open(2), from `/proc/PID/fdinfo` (proc_pid_fdinfo(5)); null where it is not open. */
export function descriptorFlags(pid: number, descriptor: number): number | null {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8'))?.[1]
    return flags === undefined ? null : Number.parseInt(flags, 8)
  } catch {
    return null
  }
}

/**
 * A thread that still runs of a process whose first thread has ended: `/proc/PID` shows nothing any more while the others
 * hold all files. Null where all have ended.
 */
export function livingThread(pid: number): number | null {
  for (const thread of listThreads(pid)) {
    const state = readProcessStat(thread)?.state
    if (state !== undefined && state !== 'Z' && state !== 'X') return thread
  }
  return null
}

function listThreads(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return []
  }
}
