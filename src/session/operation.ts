import { RestartManagerError } from '../errors/index.ts'
import type { Progress, RestartOptions, SessionState } from '../model/index.ts'
import { identifyProcess } from '../processes/index.ts'
import type { StoredSession } from '../store/session-store.ts'
import { Cancellation } from './cancellation.ts'
import type { Doorways } from './doorways.ts'
import { standingOf } from './down.ts'
import { ProgressReport } from './progress.ts'

/** The session that an operation is for. */
export interface SessionParts {
  stored: StoredSession
  doorways: Doorways
}

/** What a shutdown or restart works with. */
export interface Operation extends SessionParts {
  /** Aborts, with CANCELLED as its reason, when the operation is cancelled from wherever. */
  signal: AbortSignal
  progress: ProgressReport
}

/**
 * Runs `work` as the one operation of the session: of two at the same time one is refused with OUT_OF_SEQUENCE. Whatever
 * becomes of it, the last progress report is given and the session has a state at rest again.
 */
export async function runOperation<Result>(
  session: SessionParts,
  phase: Progress['phase'],
  { signal, onProgress }: Pick<RestartOptions, 'signal' | 'onProgress'>,
  work: (operation: Operation) => Promise<Result>,
): Promise<Result> {
  const progress = new ProgressReport(phase, onProgress)
  const result = await runAlone(session, phase, { signal, progress, ended: () => progress.end() }, work)
  progress.throwFailure()
  return result
}

/** Sessions that this process left in the middle of an operation, as it could not write to their store (a full disk). */
const unrested = new Set<string>()

/** As `runOperation`, with a progress report that is for more than this. `ended` is called before the session comes to rest. */
export async function runAlone<Result>(
  { stored, doorways }: SessionParts,
  phase: Progress['phase'],
  { signal, progress, ended }: { signal: AbortSignal | undefined; progress: ProgressReport; ended?: () => void },
  work: (operation: Operation) => Promise<Result>,
): Promise<Result> {
  const state = phase === 'shutdown' ? 'stopping' : 'restarting'
  if (unrested.delete(stored.id)) {
    const rested = await settled(stored.changeState(['stopping', 'restarting'], 'stopped'))
    if ('error' in rested) {
      unrested.add(stored.id)
      throw rested.error
    }
  }
  if (!(await stored.changeState(['open', 'stopped'], state, identifyProcess(process.pid)))) {
    throw new RestartManagerError(
      'OUT_OF_SEQUENCE',
      `Another operation is running: the session is ${await stored.state()}`,
      {
        hint: 'Wait for it, or end it: restartctl session cancel',
      },
    )
  }
  const cancellation = new Cancellation(stored, signal)
  const outcome = await settled(work({ stored, doorways, signal: cancellation.signal, progress }))
  cancellation.end()
  // Before the store is asked again: the last report is given whatever becomes of that.
  ended?.()
  const rest = await settled(comeToRest({ stored, doorways }, state))
  if ('error' in rest) unrested.add(stored.id)
  else if (rest.value === 'open') await doorways.shutdownDelay.release()
  // What went wrong with the work says more than what went wrong after it.
  if ('error' in outcome) throw outcome.error
  if ('error' in rest) throw rest.error
  return outcome.value
}

async function settled<Value>(promise: Promise<Value>): Promise<{ value: Value } | { error: unknown }> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
}

async function comeToRest(session: SessionParts, from: SessionState): Promise<SessionState> {
  const state = await restingState(session)
  await session.stored.changeState([from], state)
  return state
}

/** `stopped`: there is, or may be, something to start again. */
async function restingState({ stored, doorways }: SessionParts): Promise<SessionState> {
  const restartable = (await stored.applications()).filter(({ application }) => application.restartable)
  const standings = await Promise.all(restartable.map((one) => standingOf(one, doorways)))
  return standings.every((one) => one === 'settled') ? 'open' : 'stopped'
}
