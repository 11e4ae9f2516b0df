import { readdirSync, readlinkSync } from 'node:fs'

/** The pids that `/proc` shows, in its order. */
export function listPids(): number[] {
  const pids: number[] = []
  for (const entry of readdirSync('/proc')) {
    const code = entry.charCodeAt(0)
    if (code >= 48 && code <= 57) pids.push(Number(entry))
  }
  return pids
}

/**
 * Whether `/proc` shows the PID namespace that this process is in. Otherwise its numbers name other processes than those that
 * a signal would meet (`unshare --pid` without `--mount-proc`, pid_namespaces(7)).
 */
export function showsOwnProcesses(): boolean {
  try {
    return readlinkSync('/proc/self') === String(process.pid)
  } catch {
    return false
  }
}
