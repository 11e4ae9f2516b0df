import { OperationError, RestartManagerError } from '../errors/index.ts'
import {
  untouchedResult,
  type AffectedApplication,
  type AffectedList,
  type ApplicationResult,
  type Filter,
  type ShutdownOptions,
  type ShutdownResult,
  type Timeouts,
} from '../model/index.ts'
import { stopApplications, type ToStop } from '../shutdown/index.ts'
import { affectedNow } from './affected.ts'
import { runs } from './down.ts'
import { resolvedFilters, sparedBy } from './filters.ts'
import { runOperation, type Operation, type SessionParts } from './operation.ts'
import { timeoutsOf } from './options.ts'
import { restartRecord } from './restart-record.ts'
import { shutdownFailure, startAgain } from './undo.ts'
import { stillHeld } from './verify.ts'

/**
 * Stops what is affected now. First everything is looked at, and only when nothing speaks against it anything is stopped;
 * what will be stopped is written down before.
 */
export function shutdown(session: SessionParts, options: ShutdownOptions): Promise<ShutdownResult> {
  const timeouts = timeoutsOf(options.timeouts)
  return runOperation(session, 'shutdown', options, async (operation) => {
    const { stored, doorways, signal, progress } = operation
    const list = await affectedNow(stored, doorways, { signal })
    const restartRecords = new Map(list.applications.map((one) => [one, restartRecord(one, doorways)]))
    if (options.confirm && !(await options.confirm(list, signal))) throw declined()
    signal.throwIfAborted()
    const filters = await resolvedFilters(stored, doorways)
    const [masked, affected] = partition(list.applications, sparedBy(filters, list.applications))
    assertStoppable(list, affected, options)
    // Who was asked may have taken its time: what has ended meanwhile is nobody's to start again.
    const running = await Promise.all(affected.map((one) => runs(one, doorways)))
    const [toStop, ended] = partition(affected, (one) => running[affected.indexOf(one)] === true)
    const ids = await stored.addApplications([
      ...masked.map((application) => ({
        application,
        status: ['running' as const, 'shutdown-masked' as const],
        restartRecord: null,
      })),
      ...toStop.map((application) => ({
        application,
        status: ['running' as const],
        restartRecord: restartRecords.get(application),
      })),
    ])
    progress.begin(list.applications.length)
    const rows = [
      ...masked.map((application) => untouchedResult(application, 'shutdown-masked')),
      ...ended.map((application) => untouchedResult(application, 'stopped-other')),
    ]
    rows.forEach((one) => progress.settled(one))
    const items = toStop.map((application, index) => ({ id: ids[masked.length + index] ?? 0, application }))
    const stopped = await stopApplications(items, {
      ...doorways,
      timeouts,
      force: options.force ?? false,
      signal,
      async settled(id, result) {
        await stored.addStatus(id, result.outcome)
        progress.settled(result)
      },
    })
    const held = stopped.some(({ error }) => error !== null) ? [] : await verified(operation, items, filters, timeouts)
    const result = { applications: [...rows, ...stopped, ...held], restartedAfterFailure: [] }
    if (result.applications.some(({ error }) => error !== null)) {
      throw shutdownFailure({ ...result, restartedAfterFailure: await startAgain(operation, items, timeouts, held) })
    }
    return result
  })
}

/** Reboot reasons stop a shutdown before anything is stopped, and so does an application that may not be lost. */
function assertStoppable(
  list: AffectedList,
  toStop: AffectedApplication[],
  { onlyRegistered = false }: ShutdownOptions,
): void {
  const result = {
    applications: list.applications.map((one) => untouchedResult(one, 'running')),
    restartedAfterFailure: [],
  }
  const critical = list.applications.filter((one) => one.critical !== null)
  if (list.rebootReasons.length > 0) {
    const why = critical.map((one) => `${one.name} (process ${one.process.pid}): ${String(one.critical)}`).join('; ')
    throw new OperationError(
      'REBOOT_REQUIRED',
      `Nothing was stopped, as only a reboot frees the resources: ${why}`,
      result,
      {
        hint: 'See who uses what: restartctl list',
      },
    )
  }
  const lost = toStop.filter((one) => !one.restartable)
  if (!onlyRegistered || lost.length === 0) return
  const why = lost.map((one) => `${one.name} (process ${one.process.pid}): ${String(one.notRestartable)}`).join('; ')
  throw new OperationError(
    'FAIL_SHUTDOWN',
    `Nothing was stopped, as not everything could be started again: ${why}`,
    result,
  )
}

/** Whoever uses the files all the same. Where that cannot be seen, what was stopped is started again, unless it was cancelled. */
async function verified(
  operation: Operation,
  items: ToStop[],
  filters: Filter[],
  timeouts: Required<Timeouts>,
): Promise<ApplicationResult[]> {
  try {
    return await stillHeld(operation, filters)
  } catch (error) {
    if (!operation.signal.aborted) await startAgain(operation, items, timeouts, [])
    throw error
  }
}

function declined(): RestartManagerError {
  return new RestartManagerError('CANCELLED', 'Cancelled: nothing was stopped')
}

function partition<Item>(items: Item[], first: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(first), items.filter((item) => !first(item))]
}
