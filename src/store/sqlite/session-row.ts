import { RestartManagerError } from '../../errors/index.ts'
import type { ProcessIdentity, SessionState, SessionSummary } from '../../model/index.ts'
import { bootId } from '../../linux/boot.ts'
import { hasUndecided, stoppedNames } from './applications.ts'
import type { Connection } from './connection.ts'
import { isRunning } from '../../linux/process-stat.ts'
import { isThisBoot, toIdentity } from './liveness.ts'
import { insertParticipant, selectParticipants } from './participants.ts'
import { countResources } from './resources.ts'
import { schema, schemaVersion } from './schema.ts'

/** The one row about the session itself. */
export interface SessionRow {
  key_hash: Uint8Array
  boot_id: string
  owner_pid: number
  owner_start_time: string
  started_at: string
  started_us: number
  state: Exclude<SessionState, 'abandoned'>
  operator_pid: number | null
  operator_start_time: string | null
  shutdown_called: number
  cancel_requested: number
  ended: number
}

/** Fills an empty database: the tables, the session and its owner as primary participant. */
export function insertSession(connection: Connection, keyHash: Buffer, owner: ProcessIdentity): void {
  connection.exec(schema)
  const insert = `INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, 'open', NULL, NULL, 0, 0, 0)`
  const startedAt = new Date().toISOString()
  const { pid, startTime } = owner
  connection.run(insert, keyHash, bootId(), pid, String(startTime), startedAt, process.hrtime.bigint() / 1000n)
  insertParticipant(connection, owner, 'primary')
}

/** Null where the session is not made yet, or never was: its maker was killed. STORE_FAILED: made by another version. */
export function selectSession(connection: Connection): SessionRow | null {
  const { user_version: version } = connection.get('PRAGMA user_version') as { user_version: number }
  if (version === 0) return null
  if (version === schemaVersion) return connection.get('SELECT * FROM session') as SessionRow
  const problem = `the session has format ${version}, format ${schemaVersion} was wanted`
  throw new RestartManagerError(
    'STORE_FAILED',
    `Cannot read a session of another version of restart-manager: ${problem}`,
  )
}

/** The process whose life is the session's. */
export function ownerOf(row: SessionRow): ProcessIdentity {
  return toIdentity({ pid: row.owner_pid, start_time: row.owner_start_time })
}

/** `stopped` where the process that was stopping or restarting has ended before it was done. */
export function stateOf(row: SessionRow): Exclude<SessionState, 'abandoned'> {
  if (row.operator_pid === null || row.operator_start_time === null) return row.state
  const operator = { pid: row.operator_pid, start_time: row.operator_start_time }
  return isRunning(toIdentity(operator)) ? row.state : 'stopped'
}

/** Who was stopping or restarting has ended in the middle of it. */
function wasInterrupted(row: SessionRow): boolean {
  return row.state !== stateOf(row)
}

/** What the session comes to for those who count and clean up. */
export type Standing = 'live' | 'recoverable' | 'removable'

/**
 * Live: its owner runs. Else recoverable, where it has stopped something, or has asked something to end that may still do
 * so; else nobody needs it any more.
 */
export function standingOf(connection: Connection, row: SessionRow | null): Standing {
  if (row === null || row.ended !== 0 || !isThisBoot(row.boot_id)) return 'removable'
  if (isRunning(ownerOf(row))) return 'live'
  const interrupted = wasInterrupted(row)
  const kept = stoppedNames(connection, interrupted).length > 0 || hasUndecided(connection, interrupted)
  return kept ? 'recoverable' : 'removable'
}

/** A session as its user may see it. */
export function summarize(connection: Connection, id: string, row: SessionRow): SessionSummary {
  const owner = ownerOf(row)
  return {
    id,
    owner,
    startedAt: row.started_at,
    state: isRunning(owner) ? stateOf(row) : 'abandoned',
    participants: selectParticipants(connection),
    resources: countResources(connection),
    stopped: stoppedNames(connection, wasInterrupted(row)),
  }
}
