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
  let result: Result
  try {
    result = await work({ stored, doorways, signal: cancellation.signal, progress })
  } finally {
    cancellation.end()
    // First of all the last report: it is given whatever becomes of the store.
    progress.end()
    await stored.changeState([state], await stateAtRest({ stored, doorways }))
  }
  progress.throwFailure()
  return result
}

/** `stopped`: there is, or may be, something to start again. Where the service manager cannot be asked that is assumed. */
async function stateAtRest({ stored, doorways }: SessionParts): Promise<SessionState> {
  const restartable = (await stored.applications()).filter(({ application }) => application.restartable)
  const standings = await Promise.all(restartable.map((one) => standingOf(one, doorways).catch(() => 'down' as const)))
  return standings.every((one) => one === 'settled') ? 'open' : 'stopped'
}
