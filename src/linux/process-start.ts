import { readlinkSync, statSync } from 'node:fs'
import { readProcText } from './proc-file.ts'

/**
 * What a process was started with and where it stands. All text is bytes, one character each (latin1), as names of files
 * need not be UTF-8. Errors are thrown as they are: ENOENT and ESRCH where it has gone, EACCES where it may not be looked at.
 */

/** The arguments, the program's own name first. The process may have written something else over them (proc_pid_cmdline(5)). */
export function readArguments(pid: number): string[] {
  const text = readProcText(`/proc/${pid}/cmdline`, 'latin1')
  return text === '' ? [] : text.replace(/\0$/, '').split('\0')
}

/** Those of the variables `names` that it was started with; of two of one name the first counts, as for getenv(3). */
export function readVariables(pid: number, names: ReadonlySet<string>): Map<string, string> {
  const variables = new Map<string, string>()
  for (const entry of readProcText(`/proc/${pid}/environ`, 'latin1').split('\0')) {
    const equals = entry.indexOf('=')
    const name = entry.slice(0, equals)
    if (equals > 0 && names.has(name) && !variables.has(name)) variables.set(name, entry.slice(equals + 1))
  }
  return variables
}

/** Where a process finds files. */
export interface ProcessView {
  /** Two processes of the same mount namespace and root directory find the same file under the same path. */
  root: string
  /** A path in its own root; null where it has none there. */
  workingDirectory: string | null
}

export function readView(pid: number): ProcessView {
  const root = readlinkSync(`/proc/${pid}/root`, 'latin1')
  const directory = readlinkSync(`/proc/${pid}/cwd`, 'latin1')
  return { root: `${readMountNamespace(pid)} ${root}`, workingDirectory: beneath(root, directory) }
}

/** As the first part of `readView`. */
export function readRoot(pid: number): string {
  return `${readMountNamespace(pid)} ${readlinkSync(`/proc/${pid}/root`, 'latin1')}`
}

/** The user whom `/proc` shows: root also for a process of anybody that hides its memory (PR_SET_DUMPABLE). Quicker than reading its status. */
export function readShownUser(pid: number): number {
  return statSync(`/proc/${pid}`).uid
}

function readMountNamespace(pid: number): string {
  return readlinkSync(`/proc/${pid}/ns/mnt`)
}

function beneath(root: string, path: string): string | null {
  if (root === '/') return path.startsWith('/') ? path : null
  if (path === root) return '/'
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null
}
