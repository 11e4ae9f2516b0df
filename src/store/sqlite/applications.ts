import { RestartManagerError } from '../../errors/index.ts'
import {
  applicationKey,
  stoppingState,
  type AffectedApplication,
  type ApplicationStatus,
  type ProcessIdentity,
} from '../../model/index.ts'
import type { ApplicationRecord, NewApplication } from '../session-store.ts'
import { isRunning } from '../../linux/process-stat.ts'
import type { Connection } from './connection.ts'
import { decodeJson, encodeJson } from './json.ts'
import { toIdentity } from './liveness.ts'

/** Answers the ids; an application's id is its place in the order of shutdown, too. */
export function insertApplications(connection: Connection, applications: NewApplication[]): number[] {
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
  if (!connection.get('SELECT 1 FROM applications WHERE id = ?', application)) throw unknownApplication(application)
  insertStatus(connection, application, status)
}

/** INVALID_ARGUMENT: the session has no such application. */
export function updateMade(connection: Connection, application: number, { pid, startTime }: ProcessIdentity): void {
  const update = 'UPDATE applications SET made_pid = ?, made_start_time = ? WHERE id = ?'
  if (connection.run(update, pid, String(startTime), application) !== 1) throw unknownApplication(application)
}

function unknownApplication(application: number): RestartManagerError {
  return new RestartManagerError('INVALID_ARGUMENT', `The session has no application ${application}`)
}

/** In the order of shutdown. The status of `application` itself is the record's: what has happened until now. */
export function selectApplications(connection: Connection): ApplicationRecord[] {
  const rows = connection.all('SELECT * FROM applications ORDER BY id') as {
    id: number
    application: string
    restart_record: string
    made_pid: number | null
    made_start_time: string | null
  }[]
  return rows.map((row) => {
    const { status, changedAt } = selectStatuses(connection, row.id)
    const application = decodeJson(row.application) as AffectedApplication
    return {
      id: row.id,
      application: { ...application, status: [...status] },
      status,
      restartRecord: decodeJson(row.restart_record),
      made: madeOf(row.made_pid, row.made_start_time),
      order: row.id,
      changedAt,
    }
  })
}

function madeOf(pid: number | null, startTime: string | null): ProcessIdentity | null {
  return pid === null || startTime === null ? null : toIdentity({ pid, start_time: startTime })
}

/**
 * Names of those that this session has stopped and that are not started again, in the order of shutdown. `interrupted`: who
 * was stopping or starting them was killed; then services of which nothing is written down count too, as only their manager
 * knows. Programs are looked at.
 */
export function stoppedNames(connection: Connection, interrupted: boolean): string[] {
  const isStopped = ({ application, status, made }: ApplicationRecord) => {
    const state = stoppingState(status)
    if (state !== 'undecided') return state === 'down' && !(made && isRunning(made))
    if (status.at(-1) === 'running' && !interrupted) return false
    return application.service === null ? !isRunning(application.process) : interrupted
  }
  return selectApplications(connection)
    .filter(isStopped)
    .map(({ application }) => application.name)
}

/**
 * Something was asked to end, or where that was interrupted may have been, and what came of it is not written down; or a
 * process was made to start it in, and nobody has seen what came of that.
 */
export function hasUndecided(connection: Connection, interrupted: boolean): boolean {
  return selectApplications(connection).some(({ application, status, made }) => {
    if (status.at(-1) === 'running' && !interrupted) return false
    const state = stoppingState(status)
    return application.restartable && (state === 'undecided' || (state === 'down' && made !== null))
  })
}

function insertStatus(connection: Connection, application: number, status: ApplicationStatus): void {
  const insert = 'INSERT INTO statuses (application, status, written_us) VALUES (?, ?, ?)'
  connection.run(insert, application, status, process.hrtime.bigint() / 1000n)
}

function selectStatuses(connection: Connection, application: number) {
  const select = 'SELECT status, written_us FROM statuses WHERE application = ? ORDER BY number'
  const rows = connection.all(select, application) as { status: ApplicationStatus; written_us: number }[]
  return { status: rows.map(({ status }) => status), changedAt: (rows.at(-1)?.written_us ?? 0) / 1000 }
}
