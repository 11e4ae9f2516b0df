import { OperationError, RestartManagerError } from '../errors/index.ts'
import type { ApplicationResult, RestartOptions, RestartResult } from '../model/index.ts'
import { startApplications } from '../restart/index.ts'
import type { ApplicationRecord } from '../store/session-store.ts'
import { filterActionFor } from './filters.ts'
import { isDown, runOperation, type Operation, type SessionParts } from './operation.ts'
import { timeoutsOf } from './options.ts'

/** Starts again what this session stopped, in reverse order. What cannot be started again is a row, and no failure. */
export async function restart(session: SessionParts, options: RestartOptions): Promise<RestartResult> {
  const timeouts = timeoutsOf(options.timeouts)
  if (!(await session.stored.shutdownCalled())) {
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
    const filters = await stored.filters()
    const down: ApplicationRecord[] = []
    for (const record of await stored.applications()) {
      if (isDown(record) || (await endedAfterAll(record, operation))) down.push(record)
    }
    progress.begin(down.length)
    const rows: ApplicationResult[] = []
    const toStart: ApplicationRecord[] = []
    for (const record of down) {
      const masked = filterActionFor(record.application, filters) !== null
      if (masked) await stored.addStatus(record.id, 'restart-masked')
      if (masked) rows.push(row(record, 'restart-masked'))
      else if (record.application.restartable) toStart.push(record)
      else rows.push(row(record, 'stopped'))
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

/** It was asked to end, the shutdown gave it up or was cancelled, and then it ended after all, or is about to. */
async function endedAfterAll({ status, application }: ApplicationRecord, { doorways }: Operation): Promise<boolean> {
  if (status.at(-1) !== 'error-on-stop') return false
  if (application.service === null) return !doorways.processes.isRunning(application.process)
  const manager = doorways.serviceManagers.find(({ name }) => name === application.serviceManager)
  const service = await manager?.describe(application.service)
  return service?.state === 'inactive' || service?.state === 'failed' || service?.state === 'deactivating'
}

function failure(result: RestartResult): OperationError<RestartResult> {
  const failed = result.applications.filter(({ error }) => error !== null)
  const why = failed.map(({ application, error }) => `${application.name}: ${String(error)}`).join('; ')
  const [service] = failed.flatMap(({ application }) => application.service ?? [])
  const hint = service === undefined ? {} : { hint: `See its journal: journalctl --unit ${service}` }
  return new OperationError('FAIL_RESTART', `Not everything came back: ${why}`, result, hint)
}

function row({ application }: ApplicationRecord, outcome: ApplicationResult['outcome']): ApplicationResult {
  return { application, outcome, durationMs: 0, forced: false, error: null, journal: [] }
}
