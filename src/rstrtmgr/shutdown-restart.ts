import { RM_SHUTDOWN_TYPE } from './enumerations.ts'
import { answerOf, badArgument, type Answer } from './error-numbers.ts'
import { assertFlags } from './flags.ts'
import { openSessionOf, primaryOf, type RmSessionHandle, type Untested } from './handles.ts'
import type { RM_WRITE_STATUS_CALLBACK } from './structures.ts'

const { RmForceShutdown, RmShutdownOnlyRegistered } = RM_SHUTDOWN_TYPE

/**
 * Stops what is affected now. `lActionFlags`: bits of RM_SHUTDOWN_TYPE. Failures: 350 (only a reboot would do; nothing was
 * stopped), 351 (not everything stopped, or not everything is registered; what had been stopped was started again), 1223 (what
 * is stopped stays so until RmRestart), 1219 (a secondary), 776 (another operation is running), 160, 6, 121, 29, 14.
 */
export async function RmShutdown<Handle extends RmSessionHandle>(
  dwSessionHandle: Untested<Handle>,
  lActionFlags: number,
  fnStatus: RM_WRITE_STATUS_CALLBACK | null = null,
): Promise<Answer> {
  return answerOf(async () => {
    const session = primaryOf(dwSessionHandle as Handle)
    assertFlags(lActionFlags, RmForceShutdown | RmShutdownOnlyRegistered)
    await session.shutdown({
      force: (lActionFlags & RmForceShutdown) !== 0,
      onlyRegistered: (lActionFlags & RmShutdownOnlyRegistered) !== 0,
      ...listening(fnStatus),
    })
  })
}

/**
 * Starts again what was stopped and can be: services, and programs that registered for restart. Failures: 776 (before
 * RmShutdown, or another operation is running), 352 (not everything came back), 1223, 1219 (a secondary), 160, 6, 121, 29, 14.
 */
export async function RmRestart<Handle extends RmSessionHandle>(
  dwSessionHandle: Untested<Handle>,
  dwRestartFlags: 0,
  fnStatus: RM_WRITE_STATUS_CALLBACK | null = null,
): Promise<Answer> {
  return answerOf(async () => {
    const session = primaryOf(dwSessionHandle as Handle)
    assertFlags(dwRestartFlags, 0)
    await session.restart(listening(fnStatus))
  })
}

/**
 * Asks the RmShutdown, RmRestart or RmGetList that is running to stop; forgotten where none is. It may be too late for that: see
 * what that call answers. Failures: 1219 (a secondary), 6, 121, 29, 14.
 */
export async function RmCancelCurrentTask<Handle extends RmSessionHandle>(
  dwSessionHandle: Untested<Handle>,
): Promise<Answer> {
  return answerOf(async () => {
    const session = primaryOf(dwSessionHandle as Handle)
    for (const look of openSessionOf(dwSessionHandle as Handle).looks) look.abort()
    await session.cancel()
  })
}

function listening(fnStatus: unknown): { onProgress?: (progress: { percent: number }) => void } {
  if (fnStatus === null) return {}
  if (typeof fnStatus !== 'function') throw badArgument(`Not a function: a ${typeof fnStatus}`)
  return { onProgress: ({ percent }) => (fnStatus as RM_WRITE_STATUS_CALLBACK)(percent) }
}
