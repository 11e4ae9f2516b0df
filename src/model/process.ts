/**
 * A process, not a pid: two processes that had the same pid one after the other differ in their start time.
 * `startTime` is field 22 of `/proc/PID/stat` (clock ticks since boot, proc_pid_stat(5)): opaque, exact, stable for the boot.
 */
export interface ProcessIdentity {
  pid: number
  startTime: bigint
}

export function sameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTime === b.startTime
}

/** A text that is equal for the same process only: a key for maps. */
export function processKey(identity: ProcessIdentity): string {
  return `${identity.pid}:${identity.startTime}`
}
