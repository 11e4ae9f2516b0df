import { setTimeout as delay } from 'node:timers/promises'
import { RestartManagerError } from '../errors/index.ts'
import type { ProcessIdentity } from '../model/index.ts'
import { isRunning } from '../linux/process-stat.ts'

const intervalMs = 20

/**
 * Resolves with those that still run at the time-out, or when `unless` has resolved; empty when all have ended. Looks every
 * 20 ms: the end of a process that is no child wakes nobody in Node.
 */
export async function waitForEnd(
  processes: ProcessIdentity[],
  options: { timeoutMs: number; signal?: AbortSignal; unless?: Promise<unknown> },
): Promise<ProcessIdentity[]> {
  let enough = false as boolean
  void options.unless?.then(() => (enough = true))
  const deadline = performance.now() + options.timeoutMs
  let running = processes.filter(isRunning)
  while (running.length > 0) {
    if (options.signal?.aborted)
      throw new RestartManagerError('CANCELLED', 'Cancelled while waiting for processes to end')
    const left = deadline - performance.now()
    if (left <= 0 || enough) break
    await delay(Math.min(intervalMs, left))
    running = running.filter(isRunning)
  }
  return running
}
