import { readlinkSync, statSync } from 'node:fs'
import { readProcText } from './proc-file.ts'

/** What is asked of `/proc/PID` beside the file uses. Each function answers null where the process has gone or may not be looked at. */

function readText(path: string): string | null {
  try {
    return readProcText(path, 'utf8')
  } catch {
    return null
  }
}

/** The arguments, the program's own name first; empty where the process has none to show. */
export function readCommand(pid: number): string[] | null {
  const text = readText(`/proc/${pid}/cmdline`)
  if (text === null) return null
  return text
    .replace(/\0$/, '')
    .split('\0')
    .filter((argument, index) => index > 0 || argument !== '')
}

/**
 * The path of the program file. Where the file has been replaced or removed the kernel writes " (deleted)" behind it; a
 * file whose name really ends so still exists under the whole text.
 */
export function readExecutable(pid: number): string | null {
  let link: string
  try {
    link = readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return null
  }
  const suffix = ' (deleted)'
  return link.endsWith(suffix) && !exists(link) ? link.slice(0, -suffix.length) : link
}

/** False also where the directory may not be entered. */
function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

/** The path in the hierarchy that systemd uses: version 2's, or version 1's named `systemd` (cgroups(7)). */
export function readControlGroup(pid: number): string | null {
  const text = readText(`/proc/${pid}/cgroup`)
  if (text === null) return null
  return parseControlGroup(text)
}

/** Of a hybrid machine the `name=systemd` line counts: it is there that systemd sorts its units. */
export function parseControlGroup(text: string): string | null {
  let unified: string | null = null
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line)
    if (!match) continue
    if (match[1] === 'name=systemd') return match[2] ?? null
    if (match[1] === '') unified = match[2] ?? null
  }
  return unified
}

export interface Credentials {
  /** The effective user and group. */
  uid: number
  gid: number
  groups: number[]
}

/** Of `/proc/PID/status` (proc_pid_status(5)). */
export interface ProcessStatus {
  credentials: Credentials
  /** It runs with other rights than those of who started it: a set-user-ID program (credentials(7)). */
  hasBorrowedRights: boolean
  /** It is the first process of another PID namespace: all others in there end with it (pid_namespaces(7)). */
  isNamespaceInit: boolean
  /** It is to live on when its terminal goes: nohup(1). */
  ignoresHangup: boolean
}

export function readProcessStatus(pid: number): ProcessStatus | null {
  const text = readText(`/proc/${pid}/status`)
  if (text === null) return null
  const [users, groups, pids] = [numbersOf(text, 'Uid'), numbersOf(text, 'Gid'), numbersOf(text, 'NSpid')]
  const [uid, gid] = [users[1], groups[1]]
  if (uid === undefined || gid === undefined) return null
  return {
    credentials: { uid, gid, groups: numbersOf(text, 'Groups') },
    hasBorrowedRights: [users, groups].some((ids) => new Set(ids).size > 1),
    isNamespaceInit: pids.length > 1 && pids.at(-1) === 1,
    // A mask of 64 signals; SIGHUP is the first.
    ignoresHangup: /^SigIgn:\t[0-9a-f]*[13579bdf]$/m.test(text),
  }
}

export function readCredentials(pid: number): Credentials | null {
  return readProcessStatus(pid)?.credentials ?? null
}

/** The numbers of a line of `/proc/PID/status`; none where the line is empty or missing. */
function numbersOf(status: string, name: string): number[] {
  const start = status.indexOf(`\n${name}:`)
  if (start < 0) return []
  const line = status.slice(start + name.length + 2, status.indexOf('\n', start + 1))
  return line
    .split(/[ \t]+/)
    .filter(Boolean)
    .map(Number)
}

const namespaces = ['mnt', 'user', 'pid', 'net', 'ipc', 'uts', 'cgroup', 'time']

/** Whether it sees the same files under the same names as the caller, the same users, processes and network (namespaces(7)). */
export function sharesNamespaces(pid: number): boolean {
  const same = (link: string) => readLink(pid, link) === readLink(process.pid, link)
  return ['root', ...namespaces.map((one) => `ns/${one}`)].every(same)
}

/** The environment it was started with. */
export function readEnvironment(pid: number): Record<string, string> | null {
  const text = readText(`/proc/${pid}/environ`)
  if (text === null) return null
  const environment: Record<string, string> = {}
  for (const entry of text.split('\0')) {
    const equals = entry.indexOf('=')
    if (equals > 0) environment[entry.slice(0, equals)] = entry.slice(equals + 1)
  }
  return environment
}

/** What a link of `/proc/PID` names: `cwd`, `fd/1` … */
export function readLink(pid: number, link: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/${link}`)
  } catch {
    return null
  }
}
