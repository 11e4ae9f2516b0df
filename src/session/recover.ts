import { setTimeout as delay } from 'node:timers/promises'
import { OperationError, RestartManagerError, type ErrorCode } from '../errors/index.ts'
import type { RestartOptions, RestartResult, Timeouts } from '../model/index.ts'
import type { StoredSession } from '../store/session-store.ts'
import { closeDoorways, openDoorways } from './doorways.ts'
import { runAlone, type SessionParts } from './operation.ts'
import { assertPlatform, timeoutsOf, type SessionOptions } from './options.ts'
import { ProgressReport } from './progress.ts'
import { countUnsettled, leftOverNow, restartFailure, startStopped } from './restart.ts'

export interface RecoverOptions extends RestartOptions, Omit<SessionOptions, 'owner'> {}

/** How often it is looked whether the operation of another process is over. */
const intervalMs = 100

/**
 * Starts again what the abandoned sessions of the calling user have stopped and not started again, as their own `restart`
 * would have, and removes those of which nothing is left to start. A session whose owner lives is not touched. Where another
 * process is just working on one, that is waited for. Every session is tried, whatever becomes of the others. Errors:
 * FAIL_RESTART (`result` has a row an application), CANCELLED, STORE_BUSY, STORE_FAILED, INVALID_ARGUMENT, UNSUPPORTED_PLATFORM.
 */
export async function recover(options: RecoverOptions = {}): Promise<RestartResult> {
  assertPlatform()
  const timeouts = timeoutsOf(options.timeouts)
  const doorways = openDoorways(options)
  const progress = new ProgressReport('restart', options.onProgress)
  const { sessions, failures } = await doorways.store.openAbandoned()
  const result: RestartResult = { applications: [], remaining: [], uninspected: [] }
  try {
    // One that cannot be read, or has been removed, tells that when it is its turn.
    const counts = await Promise.all(sessions.map((stored) => countUnsettled(stored).catch(() => 0)))
    progress.begin(counts.reduce((sum, count) => sum + count, 0))
    for (const stored of sessions) {
      try {
        const context = { signal: options.signal, progress }
        add(result, await recoverSession({ stored, doorways }, timeouts, context))
      } catch (error) {
        if (codeOf(error) === 'CANCELLED') throw error
        if (error instanceof OperationError) add(result, error.result as RestartResult)
        failures.push(error as Error)
      }
    }
  } finally {
    progress.end()
    for (const stored of sessions) stored.close()
    await closeDoorways(doorways)
  }
  if (failures.length > 0) throw recoverFailure(failures, result)
  if (result.applications.some(({ error }) => error !== null)) throw restartFailure(result)
  progress.throwFailure()
  return result
}

function add(sum: RestartResult, { applications, remaining, uninspected }: RestartResult): void {
  sum.applications.push(...applications)
  sum.remaining.push(...remaining)
  sum.uninspected.push(...uninspected)
}

/** A row for each application of the session; nothing where it has been recovered, or ended, by somebody else meanwhile. */
async function recoverSession(
  session: SessionParts,
  timeouts: Required<Timeouts>,
  context: { signal: AbortSignal | undefined; progress: ProgressReport },
): Promise<RestartResult> {
  for (;;) {
    try {
      const result = await runAlone(session, 'restart', context, async (operation) => {
        const applications = await startStopped(operation, timeouts)
        return { applications, ...(await leftOverNow(operation, applications)) }
      })
      await removeWhereDone(session.stored)
      return result
    } catch (error) {
      if (codeOf(error) === 'INVALID_SESSION') return { applications: [], remaining: [], uninspected: [] }
      if (codeOf(error) !== 'OUT_OF_SEQUENCE') throw error
    }
    await pause(context.signal)
  }
}

/** Nothing is left that could be started: what is not restartable, or not wanted back, has had its row. */
async function removeWhereDone(stored: StoredSession): Promise<void> {
  try {
    if ((await stored.state()) === 'open') await stored.destroy()
  } catch (error) {
    // Another one that was waiting has removed it.
    if (codeOf(error) !== 'INVALID_SESSION') throw error
  }
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) throw new RestartManagerError('CANCELLED', 'Cancelled while another process was at work')
  await delay(intervalMs)
}

/** Of the sessions that could not be recovered the first decides the code; the rows are those of the others. */
function recoverFailure(failures: Error[], result: RestartResult): OperationError<RestartResult> {
  const why = failures.map(({ message }) => message).join('; ')
  const [first] = failures
  const hint = first instanceof RestartManagerError && first.hint !== null ? { hint: first.hint } : {}
  return new OperationError(codeOf(first) ?? 'STORE_FAILED', `Not everything was recovered: ${why}`, result, hint)
}

function codeOf(error: unknown): ErrorCode | null {
  return error instanceof RestartManagerError ? error.code : null
}
