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
  { stored, doorways }: SessionParts,
  phase: Progress['phase'],
  { signal, onProgress }: Pick<RestartOptions, 'signal' | 'onProgress'>,
  work: (operation: Operation) => Promise<Result>,
): Promise<Result> {
  const state = phase === 'shutdown' ? 'stopping' : 'restarting'
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
  const progress = new ProgressReport(phase, onProgress)
  const outcome = await settled(work({ stored, doorways, signal: cancellation.signal, progress }))
  cancellation.end()
  // Before the store is asked again: the last report is given whatever becomes of that.
  progress.end()
  const rest = await settled(restingState({ stored, doorways }).then((to) => stored.changeState([state], to)))
  // What went wrong with the work says more than what went wrong after it.
  if ('error' in outcome) throw outcome.error
  if ('error' in rest) throw rest.error
  progress.throwFailure()
  return outcome.value
}

async function settled<Value>(promise: Promise<Value>): Promise<{ value: Value } | { error: unknown }> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
}

/** `stopped`: there is, or may be, something to start again. */
async function restingState({ stored, doorways }: SessionParts): Promise<SessionState> {
  const restartable = (await stored.applications()).filter(({ application }) => application.restartable)
  const standings = await Promise.all(restartable.map((one) => standingOf(one, doorways)))
  return standings.every((one) => one === 'settled') ? 'open' : 'stopped'
}
