import { readFileSync, readlinkSync, statSync } from 'node:fs'

/** What is asked of `/proc/PID` beside the file uses. Each function answers null where the process has gone or may not be looked at. */

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
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
  if (!link.endsWith(suffix) || statSync(link, { throwIfNoEntry: false })) return link
  return link.slice(0, -suffix.length)
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

export function readCredentials(pid: number): Credentials | null {
  const status = readStatus(pid)
  const uid = status?.('Uid')[1]
  const gid = status?.('Gid')[1]
  if (!status || uid === undefined || gid === undefined) return null
  return { uid, gid, groups: status('Groups') }
}

/** It runs with other rights than those of who started it: a set-user-ID program (credentials(7)). */
export function hasBorrowedRights(pid: number): boolean {
  const status = readStatus(pid)
  return ['Uid', 'Gid'].some((name) => new Set(status?.(name)).size > 1)
}

/** It is the first process of another PID namespace: all others in there end with it (pid_namespaces(7)). */
export function isNamespaceInit(pid: number): boolean {
  const pids = readStatus(pid)?.('NSpid') ?? []
  return pids.length > 1 && pids.at(-1) === 1
}

/** Answers the numbers of a line of `/proc/PID/status`; none where the line is empty or missing. */
function readStatus(pid: number): ((name: string) => number[]) | null {
  const text = readText(`/proc/${pid}/status`)
  if (text === null) return null
  return (name) => {
    const line = new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1] ?? ''
    return line
      .split(/[ \t]+/)
      .filter(Boolean)
      .map(Number)
  }
}

/** Whether it sees the same files under the same names as the caller, and is known by the same user numbers. */
export function sharesNamespaces(pid: number): boolean {
  const same = (link: string) => readLink(pid, link) === readLink(process.pid, link)
  return ['ns/mnt', 'ns/user', 'ns/pid', 'root'].every(same)
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
