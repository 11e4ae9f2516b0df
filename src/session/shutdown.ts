import { OperationError } from '../errors/index.ts'
import type {
  AffectedApplication,
  AffectedList,
  ApplicationResult,
  ShutdownOptions,
  ShutdownResult,
} from '../model/index.ts'
import { startApplications } from '../restart/index.ts'
import { stopApplications } from '../shutdown/index.ts'
import type { RestartRecord } from '../store/session-store.ts'
import { affectedNow } from './affected.ts'
import { filterActionFor } from './filters.ts'
import { runOperation, type Operation, type SessionParts } from './operation.ts'
import { timeoutsOf } from './options.ts'

/**
 * Stops what is affected now. First everything is looked at, and only when nothing speaks against it anything is stopped;
 * what will be stopped is written down before.
 */
export function shutdown(session: SessionParts, options: ShutdownOptions): Promise<ShutdownResult> {
  const timeouts = timeoutsOf(options.timeouts)
  return runOperation(session, 'shutdown', options, async (operation) => {
    const { stored, doorways, signal, progress } = operation
    const list = await affectedNow(stored, doorways, signal)
    const filters = await stored.filters()
    const [masked, toStop] = partition(list.applications, (one) => filterActionFor(one, filters) === 'no-shutdown')
    assertStoppable(list, toStop, options)
    signal.throwIfAborted()
    const ids = await stored.addApplications([
      ...masked.map((application) => ({
        application,
        status: ['running' as const, 'shutdown-masked' as const],
        restartRecord: null,
      })),
      ...toStop.map((application) => ({
        application,
        status: ['running' as const],
        restartRecord: restartRecord(application, operation),
      })),
    ])
    progress.begin(list.applications.length)
    const rows = masked.map((application) => row(application, 'shutdown-masked'))
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
    const result = { applications: [...rows, ...stopped], restartedAfterFailure: [] }
    if (stopped.some(({ error }) => error !== null)) {
      throw failure({ ...result, restartedAfterFailure: await startAgain(operation, items, timeouts) })
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
  const result = { applications: list.applications.map((one) => row(one, 'running')), restartedAfterFailure: [] }
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

/** Half a shutdown helps nobody: what was stopped is started again, also when the caller has cancelled meanwhile. */
async function startAgain(
  { stored, doorways }: Operation,
  items: { id: number; application: AffectedApplication }[],
  timeouts: ReturnType<typeof timeoutsOf>,
): Promise<ApplicationResult[]> {
  const stopped = (await stored.applications()).filter(({ id, status, application }) => {
    return status.at(-1) === 'stopped' && application.restartable && items.some((item) => item.id === id)
  })
  return startApplications(stopped, {
    ...doorways,
    timeouts,
    signal: new AbortController().signal,
    settled: (id, result) => stored.addStatus(id, result.outcome),
  })
}

function failure(result: ShutdownResult): OperationError<ShutdownResult> {
  const why = result.applications
    .filter(({ error }) => error !== null)
    .map(({ application, error }) => `${application.name}: ${String(error)}`)
    .join('; ')
  const again = result.restartedAfterFailure.length
  const undone = again === 0 ? '' : `; what had been stopped was started again (${again})`
  return new OperationError('FAIL_SHUTDOWN', `Not everything was stopped: ${why}${undone}`, result, {
    hint: 'Allow it to be killed: force, restartctl --force',
  })
}

function restartRecord(application: AffectedApplication, { doorways }: Operation): RestartRecord {
  if (application.service !== null) return null
  const restartability = doorways.processes.restartability(application.process)
  return 'record' in restartability ? restartability.record : null
}

function row(application: AffectedApplication, outcome: ApplicationResult['outcome']): ApplicationResult {
  return { application, outcome, durationMs: 0, forced: false, error: null, journal: [] }
}

function partition<Item>(items: Item[], first: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(first), items.filter((item) => !first(item))]
}
