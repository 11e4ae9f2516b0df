import { statSync } from 'node:fs'
import { listDirectory } from './directory-listing.ts'
import { procFailure } from './proc-error.ts'
import { readProcText } from './proc-file.ts'
import { readProcessStat } from './process-stat.ts'
import { pathOnly } from './regular-file.ts'

/** What of `/proc/PID` leads to the file itself when followed, whatever name it has now (proc_pid_exe(5) and its like). */
export type MagicLink = 'exe' | 'cwd' | 'root' | `fd/${string}`

/** `pid` may be the id of a thread: `/proc` shows it the same way. */
export function magicLink(pid: number, link: MagicLink): string {
  return `/proc/${pid}/${link}`
}

/** The numbers of the open descriptors, as text. Throws the error of opendir(3): EACCES, ENOENT. */
export function listDescriptors(pid: number): Generator<string, void> {
  return namesIn(`/proc/${pid}/fd`)
}

/** Whether any descriptor is open. Errors as for `listDescriptors`. */
export function hasDescriptors(pid: number): boolean {
  for (const _ of listDescriptors(pid)) return true
  return false
}

/** A descriptor that can neither read nor write: it only names its file (O_PATH, open(2)). */
export function onlyNames(pid: number, descriptor: string): boolean {
  return ((descriptorFlags(pid, Number(descriptor)) ?? 0) & pathOnly) !== 0
}

/** How a descriptor was opened: the flags of open(2), from `/proc/PID/fdinfo` (proc_pid_fdinfo(5)); null where it is not open. */
export function descriptorFlags(pid: number, descriptor: number): number | null {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readProcText(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8'))?.[1]
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
  for (const thread of listThreads(pid)) if (!hasThreadEnded(thread)) return thread
  return null
}

/** A thread has ended, whatever the others of its process do; it may still be listed. */
export function hasThreadEnded(thread: number): boolean {
  const state = readProcessStat(thread)?.state
  return state === undefined || state === 'Z' || state === 'X'
}

/** The ids of the threads of a process; none where it has ended. Throws what else opendir(3) fails with. */
export function* listThreads(pid: number): Generator<number, void> {
  try {
    for (const name of namesIn(`/proc/${pid}/task`)) yield Number(name)
  } catch (error) {
    if (procFailure(error) !== 'vanished') throw error
  }
}

/** How many threads a process has; 0 where it has ended. Cheaper than listing them: the directory has two links more. */
export function countThreads(pid: number): number {
  const directory = statSync(`/proc/${pid}/task`, { throwIfNoEntry: false })
  return directory ? directory.nlink - 2 : 0
}

/** One after the other: a process may have a hundred thousand, which take 0.1 s to list. */
function* namesIn(directory: string): Generator<string, void> {
  const listing = listDirectory(directory, true)
  try {
    while (listing.next()) yield listing.key()
  } finally {
    listing.close()
  }
}
