import { RestartManagerError } from '../errors/index.ts'
import type { SessionState } from '../model/index.ts'
import { identifyProcess } from '../processes/index.ts'
import type { ApplicationRecord, StoredSession } from '../store/session-store.ts'
import type { Cancellation } from './cancellation.ts'
import type { Doorways } from './doorways.ts'
import type { ProgressReport } from './progress.ts'

/** What a shutdown or restart works with. */
export interface Operation {
  stored: StoredSession
  doorways: Doorways
  cancellation: Cancellation
  progress: ProgressReport
}

/**
 * Runs `work` as the one operation of the session: of two at the same time one is refused with OUT_OF_SEQUENCE. Whatever
 * becomes of it, the last progress report is given and the session has a state at rest again.
 */
export async function runOperation<Result>(
  operation: Operation,
  state: 'stopping' | 'restarting',
  work: () => Promise<Result>,
): Promise<Result> {
  const { stored, cancellation, progress } = operation
  await stored.clearCancel()
  if (!(await stored.changeState(['open', 'stopped'], state, identifyProcess(process.pid)))) {
    const now = await stored.state()
    cancellation.end()
    throw new RestartManagerError('OUT_OF_SEQUENCE', `Another operation is running: the session is ${now}`, {
      hint: 'Wait for it, or end it: restartctl session cancel',
    })
  }
  try {
    return await work()
  } finally {
    cancellation.end()
    await stored.changeState([state], await stateAtRest(stored))
    progress.end()
  }
}

async function stateAtRest(stored: StoredSession): Promise<SessionState> {
  return (await stored.applications()).some(isDown) ? 'stopped' : 'open'
}

/** This session stopped it, and it is not started again. */
export function isDown({ status }: ApplicationRecord): boolean {
  const last = status.at(-1)
  return last === 'stopped' || last === 'error-on-restart'
}
