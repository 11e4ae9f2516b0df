import type { ProcessIdentity, SessionState } from '../../model/index.ts'
import type { Connection } from './connection.ts'
import { ownerOf, stateOf, type SessionRow } from './session-row.ts'

/** From one of the states `from` to `to`. */
export interface Move {
  from: SessionState[]
  to: SessionState
  /** Who stops or restarts; the owner where it is not said. */
  operator: ProcessIdentity | undefined
}

/** Does the move and answers true where the session is in one of the states `from`; to be done in a transaction that writes. */
export function moveState(connection: Connection, row: SessionRow, move: Move): boolean {
  if (!move.from.includes(stateOf(row))) return false
  const operating = move.to === 'stopping' || move.to === 'restarting'
  const operator = operating ? (move.operator ?? ownerOf(row)) : null
  connection.run(
    `UPDATE session SET state = ?, operator_pid = ?, operator_start_time = ?, shutdown_called = shutdown_called OR ?,
      cancel_requested = 0`,
    move.to,
    operator && operator.pid,
    operator && String(operator.startTime),
    move.to === 'stopping' ? 1 : 0,
  )
  return true
}
