import { OperationError, RestartManagerError } from '../errors/index.ts'
import {
  describeErrors,
  stoppingState,
  untouchedResult,
  type AffectedApplication,
  type ApplicationResult,
  type Filter,
  type LeftOver,
  type RestartOptions,
  type RestartResult,
  type Timeouts,
} from '../model/index.ts'
import { startApplications } from '../restart/index.ts'
import type { ApplicationRecord, StoredSession } from '../store/session-store.ts'
import { queueStart, withStanding } from './down.ts'
import { filterActionFor, resolvedFilters } from './filters.ts'
import { leftOver } from './left-over.ts'
import { obstaclesIn } from './obstacles.ts'
import { runOperation, type Operation, type SessionParts } from './operation.ts'
import { timeoutsOf } from './options.ts'
import { usersOfOld } from './out-of-date.ts'

/** What an application that was asked to end may still take, in milliseconds. */
const lastChanceMs = 2000

/** Starts again what this session stopped, in reverse order. What cannot be started again is a row, and no failure. */
export async function restart(session: SessionParts, options: RestartOptions): Promise<RestartResult> {
  const timeouts = timeoutsOf(options.timeouts)
  const { stored: before } = session
  if (!(await before.shutdownCalled()) && (await before.applications()).length === 0) {
    throw new RestartManagerError(
      'OUT_OF_SEQUENCE',
      'Nothing to restart: shutdown has not been called in this session',
      {
        hint: 'First stop what is affected: restartctl session shutdown',
      },
    )
  }
  return runOperation(session, 'restart', options, async (operation) => {
    operation.progress.begin(await countUnsettled(before))
    const applications = await startStopped(operation, timeouts)
    const result = { applications, ...(await leftOverNow(operation, applications)) }
    if (result.applications.some(({ error }) => error !== null)) throw restartFailure(result)
    return result
  })
}

/**
 * Looks at everything that is registered again when all has been started: who uses an old version all the same. Where that
 * cannot be seen the error has the rows as its result.
 */
export async function leftOverNow(operation: Operation, applications: ApplicationResult[]): Promise<LeftOver> {
  const { stored, doorways, signal } = operation
  try {
    const old = await usersOfOld(operation)
    return leftOver(old, obstaclesIn(old.list, await resolvedFilters(stored, doorways)), applications)
  } catch (error) {
    if (signal.aborted || !(error instanceof RestartManagerError)) throw error
    const result = { applications, remaining: [], uninspected: [] }
    const message = `What was stopped has been started, and it could not be seen who uses old versions: ${error.message}`
    const hint = error.hint === null ? {} : { hint: error.hint }
    throw new OperationError(error.code, message, result, { cause: error, ...hint })
  }
}

/** How many applications a restart will have a row for. */
export async function countUnsettled(stored: StoredSession): Promise<number> {
  return (await stored.applications()).filter(({ status }) => stoppingState(status) !== 'settled').length
}

/** A row for each application that this session has stopped or asked to end. One that does not come back is a row. */
export async function startStopped(operation: Operation, timeouts: Required<Timeouts>): Promise<ApplicationResult[]> {
  const { stored, doorways, signal, progress } = operation
  const filters = await resolvedFilters(stored, doorways)
  const { up, down, running } = await settle(operation, filters, timeouts)
  const rows = [
    ...up.map((application) => untouchedResult(application, 'restarted')),
    ...running.map(({ application }) => untouchedResult(application, 'running')),
  ]
  const toStart: ApplicationRecord[] = []
  for (const record of down) {
    const masked = filterActionFor(record.application, filters) !== null
    if (masked) await stored.addStatus(record.id, 'restart-masked')
    if (masked) rows.push(untouchedResult(record.application, 'restart-masked'))
    else if (record.application.restartable) toStart.push(record)
    else rows.push(untouchedResult(record.application, 'stopped'))
  }
  rows.forEach((one) => progress.settled(one))
  if (toStart.length > 0) await doorways.shutdownDelay.take()
  const started = await startApplications(toStart, {
    ...doorways,
    timeouts,
    signal,
    made: (id, process) => stored.setMade(id, process),
    async settled(id, result) {
      await stored.addStatus(id, result.outcome)
      progress.settled(result)
    },
  })
  return [...rows, ...started]
}

/**
 * Which applications are down, and which are up already, as who started them was killed right then. Those that were asked to
 * end and have not yet get a moment more; what still runs then is written down as running, and is no business of this
 * session any longer.
 */
async function settle({ stored, doorways, signal }: Operation, filters: Filter[], timeouts: Required<Timeouts>) {
  const records = await stored.applications()
  const asked = await withStanding(records, 'asked', doorways)
  const processes = asked
    .filter(({ application }) => application.service === null)
    .map((one) => one.application.process)
  await doorways.processes.waitForEnd(processes, { timeoutMs: patience(asked, records, timeouts), signal })
  const stopped = await withStanding(records, 'down', doorways)
  const running = asked.filter((record) => !stopped.includes(record))
  for (const record of running) {
    if (filterActionFor(record.application, filters) === null) await queueStart(record, doorways)
    await stored.addStatus(record.id, 'running')
  }
  const up: AffectedApplication[] = []
  const down: ApplicationRecord[] = []
  for (const record of stopped) {
    const { made } = record
    if (made === null || !(await doorways.processes.cameUp(made))) down.push(record)
    else {
      await stored.addStatus(record.id, 'restarted')
      up.push({ ...record.application, process: made, processes: [made] })
    }
  }
  return { up, down, running }
}

/**
 * How long, in milliseconds, to wait for those that were asked to end. Where who asked them was killed they have what was
 * left of their time: everything that is asked is asked right after something was written down.
 */
function patience(asked: ApplicationRecord[], records: ApplicationRecord[], timeouts: Required<Timeouts>): number {
  if (!asked.some(({ status }) => status.at(-1) === 'running')) return lastChanceMs
  const lastChange = Math.max(...records.map(({ changedAt }) => changedAt))
  const left = lastChange + timeouts.applicationMs - Number(process.hrtime.bigint()) / 1e6
  return Math.max(lastChanceMs, left)
}

/** What the caller is told where not everything came back. */
export function restartFailure(result: RestartResult): OperationError<RestartResult> {
  const failed = result.applications.filter(({ error }) => error !== null)
  const [service] = failed.flatMap(({ application }) => application.service ?? [])
  const hint = service === undefined ? {} : { hint: `See its journal: journalctl --unit ${service}` }
  return new OperationError(
    'FAIL_RESTART',
    `Not everything came back: ${describeErrors(result.applications)}`,
    result,
    hint,
  )
}
