import { OperationError, RestartManagerError } from '../errors/index.ts'
import {
  describeErrors,
  untouchedResult,
  type Filter,
  type RestartOptions,
  type RestartResult,
} from '../model/index.ts'
import { startApplications } from '../restart/index.ts'
import type { ApplicationRecord } from '../store/session-store.ts'
import { queueStart, withStanding } from './down.ts'
import { filterActionFor, resolvedFilters } from './filters.ts'
import { runOperation, type Operation, type SessionParts } from './operation.ts'
import { timeoutsOf } from './options.ts'

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
    const { stored, doorways, signal, progress } = operation
    const filters = await resolvedFilters(stored, doorways)
    const { down, running } = await settle(operation, filters)
    progress.begin(down.length + running.length)
    const rows = running.map(({ application }) => untouchedResult(application, 'running'))
    const toStart: ApplicationRecord[] = []
    for (const record of down) {
      const masked = filterActionFor(record.application, filters) !== null
      if (masked) await stored.addStatus(record.id, 'restart-masked')
      if (masked) rows.push(untouchedResult(record.application, 'restart-masked'))
      else if (record.application.restartable) toStart.push(record)
      else rows.push(untouchedResult(record.application, 'stopped'))
    }
    rows.forEach((one) => progress.settled(one))
    const started = await startApplications(toStart, {
      ...doorways,
      timeouts,
      signal,
      async settled(id, result) {
        await stored.addStatus(id, result.outcome)
        progress.settled(result)
      },
    })
    const result = { applications: [...rows, ...started] }
    if (started.some(({ error }) => error !== null)) throw failure(result)
    return result
  })
}

/**
 * Which applications are down. Those that were asked to end and have not yet get a moment more; what still runs then is
 * written down as running, and is no business of this session any longer.
 */
async function settle({ stored, doorways, signal }: Operation, filters: Filter[]) {
  const records = await stored.applications()
  const asked = await withStanding(records, 'asked', doorways)
  const processes = asked
    .filter(({ application }) => application.service === null)
    .map((one) => one.application.process)
  await doorways.processes.waitForEnd(processes, { timeoutMs: lastChanceMs, signal })
  const down = await withStanding(records, 'down', doorways)
  const running = asked.filter((record) => !down.includes(record))
  for (const record of running) {
    if (filterActionFor(record.application, filters) === null) await queueStart(record, doorways)
    await stored.addStatus(record.id, 'running')
  }
  return { down, running }
}

function failure(result: RestartResult): OperationError<RestartResult> {
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
