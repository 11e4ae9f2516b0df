import type { AffectedList } from '../model/index.ts'
import { assertCapacity } from './capacity.ts'
import { ERROR_MORE_DATA, ERROR_SUCCESS, failureOf, type Failure } from './error-numbers.ts'
import { openSessionOf, type RmSessionHandle, type Untested } from './handles.ts'
import { processInfoOf, rebootReasonsMask } from './process-info.ts'
import type { RM_PROCESS_INFO } from './structures.ts'

/** The out-parameters of RmGetList, and what Linux knows beyond them. */
export interface RmList extends Pick<AffectedList, 'uninspected' | 'heldByUnknown' | 'unreadable'> {
  /** How many entries there are. */
  procInfoNeeded: number
  /** How many are in `affectedApps`: all of them, or with 234 none. */
  procInfo: number
  affectedApps: RM_PROCESS_INFO[]
  /** Bits of RM_REBOOT_REASON; delivered with 234 too. */
  rebootReasons: number
}

export type RmGetListResult = ({ error: typeof ERROR_SUCCESS | typeof ERROR_MORE_DATA } & RmList) | { error: Failure }

/**
 * Who is affected by what has been registered; looked up anew at every call. `capacity`: how many entries the caller has room
 * for; 234 where there are more. What the session has stopped stays in the list, with its history. A secondary may call it.
 * Failures: 1223 (RmCancelCurrentTask), 160, 6, 121, 29, 14.
 */
export async function RmGetList<Handle extends RmSessionHandle>(
  dwSessionHandle: Untested<Handle>,
  capacity: number,
): Promise<RmGetListResult> {
  const look = new AbortController()
  try {
    const { session, looks } = openSessionOf(dwSessionHandle as Handle)
    assertCapacity(capacity)
    looks.add(look)
    const { applications, rebootReasons, uninspected, heldByUnknown, unreadable } = await session
      .list({ signal: look.signal })
      .finally(() => looks.delete(look))
    const fits = applications.length <= capacity
    const affectedApps = fits ? applications.map(processInfoOf) : []
    return {
      error: fits ? ERROR_SUCCESS : ERROR_MORE_DATA,
      procInfoNeeded: applications.length,
      procInfo: affectedApps.length,
      affectedApps,
      rebootReasons: rebootReasonsMask(rebootReasons),
      uninspected,
      heldByUnknown,
      unreadable,
    }
  } catch (error) {
    return { error: failureOf(error) }
  }
}
