import { RestartManagerError } from '../../errors/index.ts'
import type { AffectedApplication, ApplicationStatus } from '../../model/index.ts'
import type { ApplicationRecord } from '../session-store.ts'
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

/** Names of those that this session has stopped and that are not started again, in the order of shutdown. */
export function stoppedNames(connection: Connection): string[] {
  const select = `SELECT name FROM applications WHERE (
      SELECT status FROM statuses WHERE application = id ORDER BY number DESC LIMIT 1
    ) IN ('stopped', 'error-on-restart')
    AND EXISTS (SELECT 1 FROM statuses WHERE application = id AND status = 'stopped') ORDER BY id`
  return (connection.all(select) as { name: string }[]).map(({ name }) => name)
}

/** There are some that were going to be stopped and of which nothing has been written down since: they may be stopped. */
export function hasUndecided(connection: Connection): boolean {
  const select = `SELECT 1 FROM applications WHERE coalesce((
      SELECT status FROM statuses WHERE application = id ORDER BY number DESC LIMIT 1
    ), 'running') = 'running' LIMIT 1`
  return connection.get(select) !== undefined
}

function insertStatus(connection: Connection, application: number, status: ApplicationStatus): void {
  connection.run('INSERT INTO statuses (application, status) VALUES (?, ?)', application, status)
}

function selectStatuses(connection: Connection, application: number): ApplicationStatus[] {
  const select = 'SELECT status FROM statuses WHERE application = ? ORDER BY number'
  return (connection.all(select, application) as { status: ApplicationStatus }[]).map(({ status }) => status)
}
