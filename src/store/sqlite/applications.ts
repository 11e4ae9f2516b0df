import { RestartManagerError } from '../../errors/index.ts'
import type { AffectedApplication, ApplicationStatus } from '../../model/index.ts'
import type { ApplicationRecord } from '../session-store.ts'
import { isRunning } from '../../linux/process-stat.ts'
import type { Connection } from './connection.ts'
import { decodeJson, encodeJson } from './json.ts'

/** Answers the ids; an application's id is its place in the order of shutdown, too. */
export function insertApplications(
  connection: Connection,
  applications: Omit<ApplicationRecord, 'id' | 'order'>[],
): number[] {
  const insert = 'INSERT INTO applications (name, application, restart_record) VALUES (?, ?, ?) RETURNING id'
  return applications.map(({ application, restartRecord, status }) => {
    const record = encodeJson(restartRecord ?? null)
    const { id } = connection.get(insert, application.name, encodeJson(application), record) as { id: number }
    for (const one of status) insertStatus(connection, id, one)
    return id
  })
}

/** INVALID_ARGUMENT: the session has no such application. */
export function appendStatus(connection: Connection, application: number, status: ApplicationStatus): void {
  if (!connection.get('SELECT 1 FROM applications WHERE id = ?', application)) {
    throw new RestartManagerError('INVALID_ARGUMENT', `The session has no application ${application}`)
  }
  insertStatus(connection, application, status)
}

/** In the order of shutdown. The status of `application` itself is the record's: what has happened until now. */
export function selectApplications(connection: Connection): ApplicationRecord[] {
  const rows = connection.all('SELECT * FROM applications ORDER BY id') as {
    id: number
    application: string
    restart_record: string
  }[]
  return rows.map((row) => {
    const status = selectStatuses(connection, row.id)
    const application = decodeJson(row.application) as AffectedApplication
    return {
      id: row.id,
      application: { ...application, status: [...status] },
      status,
      restartRecord: decodeJson(row.restart_record),
      order: row.id,
    }
  })
}

/**
 * Names of those that this session has stopped and that are not started again, in the order of shutdown. `interrupted`: who
 * was stopping or starting them was killed; then those count too that have ended without that being written down. Of a
 * service only its manager knows: it counts.
 */
export function stoppedNames(connection: Connection, interrupted: boolean): string[] {
  const records = selectApplications(connection)
  return records
    .filter((one) => isStopped(one) || (interrupted && isUndecided(one)))
    .map(({ application }) => application.name)
}

function isStopped({ status }: ApplicationRecord): boolean {
  const last = status.at(-1)
  return last === 'stopped' || (last === 'error-on-restart' && status.includes('stopped'))
}

/** It was going to be stopped, nothing has been written down since, and it does not run. */
function isUndecided({ application, status }: ApplicationRecord): boolean {
  if (status.length !== 1 || status[0] !== 'running') return false
  return application.service !== null || !isRunning(application.process)
}

function insertStatus(connection: Connection, application: number, status: ApplicationStatus): void {
  connection.run('INSERT INTO statuses (application, status) VALUES (?, ?)', application, status)
}

function selectStatuses(connection: Connection, application: number): ApplicationStatus[] {
  const select = 'SELECT status FROM statuses WHERE application = ? ORDER BY number'
  return (connection.all(select, application) as { status: ApplicationStatus }[]).map(({ status }) => status)
}
