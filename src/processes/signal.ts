import { signalThroughPidfd, type SignalOutcome } from '../linux/pidfd.ts'
import type { ProcessIdentity } from '../model/index.ts'
import { isRunning, readProcessStat } from '../linux/process-stat.ts'

/**
 * Signals this very process: through a pidfd, so that one which took its pid meanwhile is safe. Without pidfds (no koffi,
 * or before Linux 5.3) the identity is compared right before the signal, which leaves a gap of microseconds.
 */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): SignalOutcome {
  const outcome = signalThroughPidfd(identity.pid, signal, () => isRunning(identity))
  if (outcome !== null) return outcome
  if (!isRunning(identity)) return 'ended'
  try {
    process.kill(identity.pid, signal)
    return 'sent'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'ended' : 'refused'
  }
}

/** Asks it to end. One that is stopped (Ctrl+Z) has to go on to hear it: systemd has it go on as well (systemd.kill(5)). */
export function askToEnd(identity: ProcessIdentity): SignalOutcome {
  const outcome = signalProcess(identity, 'SIGTERM')
  if (outcome === 'sent' && readProcessStat(identity.pid)?.state === 'T') signalProcess(identity, 'SIGCONT')
  return outcome
}
