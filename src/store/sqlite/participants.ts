import { RestartManagerError } from '../../errors/index.ts'
import type { Participant, ProcessIdentity, Role } from '../../model/index.ts'
import type { Connection } from './connection.ts'
import { isRunning } from '../../linux/process-stat.ts'
import { toIdentity, type StoredProcess } from './liveness.ts'

interface ParticipantRow extends StoredProcess {
  role: Role
  state: 'registering' | 'finished' | 'left'
  joined_at: string
}

/** It is `registering` at first. Answers its number; the first of a session, the owner, is 1. */
export function insertParticipant(connection: Connection, process: ProcessIdentity, role: Role): number {
  const insert = `INSERT INTO participants (pid, start_time, role, state, joined_at)
    VALUES (?, ?, ?, 'registering', ?) RETURNING number`
  const joinedAt = new Date().toISOString()
  const row = connection.get(insert, process.pid, String(process.startTime), role, joinedAt) as { number: number }
  return row.number
}

/** INVALID_ARGUMENT: the session has no such participant. */
export function updateParticipant(connection: Connection, participant: number, state: ParticipantRow['state']): void {
  if (connection.run('UPDATE participants SET state = ? WHERE number = ?', state, participant) === 1) return
  throw new RestartManagerError('INVALID_ARGUMENT', `The session has no participant ${participant}`)
}

/** Every secondary that has finished is registering again. */
export function reopenSecondaries(connection: Connection): void {
  connection.run(`UPDATE participants SET state = 'registering' WHERE role = 'secondary' AND state = 'finished'`)
}

/** In the order they joined. One that ended while it was registering has died. */
export function selectParticipants(connection: Connection): Participant[] {
  const rows = connection.all('SELECT * FROM participants ORDER BY number') as ParticipantRow[]
  return rows.map((row) => {
    const process = toIdentity(row)
    const died = row.state === 'registering' && !isRunning(process)
    return { process, role: row.role, state: died ? 'died' : row.state, joinedAt: row.joined_at }
  })
}
