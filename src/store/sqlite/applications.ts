import { RestartManagerError } from '../../errors/index.ts'
import { applicationKey, stoppingState, type AffectedApplication, type ApplicationStatus } from '../../model/index.ts'
import type { ApplicationRecord } from '../session-store.ts'
import { isRunning } from '../../linux/process-stat.ts'
import type { Connection } from './connection.ts'
import { decodeJson, encodeJson } from './json.ts'

/** Answers the ids; an application's id is its place in the order of shutdown, too. */
export function insertApplications(
  connection: Connection,
  applications: Omit<ApplicationRecord, 'id' | 'order'>[],
): number[] {
  settleEarlier(connection, new Set(applications.map(({ application }) => applicationKey(application))))
  const insert = 'INSERT INTO applications (name, application, restart_record) VALUES (?, ?, ?) RETURNING id'
  return applications.map(({ application, restartRecord, status }) => {
    const record = encodeJson(restartRecord ?? null)
    const { id } = connection.get(insert, application.name, encodeJson(application), record) as { id: number }
    for (const one of status) insertStatus(connection, id, one)
    return id
  })
}

/** It runs, and a new attempt to stop it begins: what an earlier one left undecided must not start it a second time. */
function settleEarlier(connection: Connection, keys: Set<string>): void {
  for (const { id, application, status } of selectApplications(connection)) {
    if (keys.has(applicationKey(application)) && stoppingState(status) === 'undecided')
      insertStatus(connection, id, 'running')
  }
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
 * was stopping or starting them was killed; then services of which nothing is written down count too, as only their manager
 * knows. Programs are looked at.
 */
export function stoppedNames(connection: Connection, interrupted: boolean): string[] {
  const isStopped = ({ application, status }: ApplicationRecord) => {
    const state = stoppingState(status)
    if (state !== 'undecided') return state === 'down'
    if (status.at(-1) === 'running' && !interrupted) return false
    return application.service === null ? !isRunning(application.process) : interrupted
  }
  return selectApplications(connection)
    .filter(isStopped)
    .map(({ application }) => application.name)
}

/** Something was asked to end, or where that was interrupted may have been, and what came of it is not written down. */
export function hasUndecided(connection: Connection, interrupted: boolean): boolean {
  return selectApplications(connection).some(({ application, status }) => {
    if (status.at(-1) === 'running' && !interrupted) return false
    return application.restartable && stoppingState(status) === 'undecided'
  })
}

function insertStatus(connection: Connection, application: number, status: ApplicationStatus): void {
  connection.run('INSERT INTO statuses (application, status) VALUES (?, ?)', application, status)
}

function selectStatuses(connection: Connection, application: number): ApplicationStatus[] {
  const select = 'SELECT status FROM statuses WHERE application = ? ORDER BY number'
  return (connection.all(select, application) as { status: ApplicationStatus }[]).map(({ status }) => status)
}
