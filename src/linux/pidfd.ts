import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { libc, type NativeFunction } from './libc.ts'

// The same numbers on every processor that Linux runs on, Alpha excepted (include/uapi/asm-generic/unistd.h).
const PIDFD_SEND_SIGNAL = 424
const PIDFD_OPEN = 434

const prototype = 'long syscall(long number, int first, int second, void *third, unsigned int fourth)'

/** What became of a signal. `refused`: the kernel does not let the caller signal this process. */
export type SignalOutcome = 'sent' | 'ended' | 'refused'

/**
 * Sends a signal through a pidfd (Linux 5.3), which stays with the process it was opened for whatever becomes of the pid.
 * `stillTheSame` is asked when the pidfd is held: only then is it known whom it names. Null where pidfds cannot be had.
 */
export function signalThroughPidfd(
  pid: number,
  signal: NodeJS.Signals,
  stillTheSame: () => boolean,
): SignalOutcome | null {
  const library = libc()
  if (!library) return null
  const syscall: NativeFunction = library.func(prototype)
  const pidfd = syscall(PIDFD_OPEN, pid, 0, null, 0)
  if (pidfd < 0) return library.errno() === constants.errno.ESRCH ? 'ended' : null
  try {
    if (!stillTheSame()) return 'ended'
    if (syscall(PIDFD_SEND_SIGNAL, pidfd, constants.signals[signal], null, 0) === 0) return 'sent'
    return library.errno() === constants.errno.ESRCH ? 'ended' : 'refused'
  } finally {
    closeSync(pidfd)
  }
}
