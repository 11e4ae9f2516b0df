import { RestartManagerError } from '../errors/index.ts'
import {
  untouchedResult,
  type AffectedApplication,
  type ShutdownOptions,
  type ShutdownResult,
  type Timeouts,
} from '../model/index.ts'
import { askApplications, stopApplications, type ToStop } from '../shutdown/index.ts'
import { affectedNow } from './affected.ts'
import type { Doorways } from './doorways.ts'
import { runs } from './down.ts'
import { resolvedFilters, sparedBy } from './filters.ts'
import { assertAgreed, assertStoppable, type Objections } from './objections.ts'
import { runOperation, type Operation, type SessionParts } from './operation.ts'
import { timeoutsOf } from './options.ts'
import { restartPolicyOf, restartRecord } from './restart-record.ts'
import { shutdownFailure, startAgain } from './undo.ts'
import { stillHeld, type Shutdown, type StillHeld } from './verify.ts'

/**
 * Stops what is affected now. First everything is looked at and everybody is asked, and only when nothing and nobody speaks
 * against it anything is stopped; what will be stopped is written down before.
 */
export function shutdown(session: SessionParts, options: ShutdownOptions): Promise<ShutdownResult> {
  const timeouts = timeoutsOf(options.timeouts)
  return runOperation(session, 'shutdown', options, async (operation) => {
    const { stored, doorways, signal, progress } = operation
    const list = await affectedNow(stored, doorways, { signal })
    if (options.confirm && !(await options.confirm(list, signal))) throw declined()
    signal.throwIfAborted()
    const filters = await resolvedFilters(stored, doorways)
    const [masked, affected] = partition(list.applications, sparedBy(filters, list.applications))
    assertStoppable(list, affected, options)
    progress.begin(list.applications.length)
    const asked = await askApplications(affected, { ...doorways, timeouts, signal })
    const plan = { list, masked, affected, asked, timeouts }
    const { rows, items, stopped } = await stopAgreed(operation, options, plan).finally(() => asked.stay())
    const { held, ended, heldByUnknown } = stopped.some(({ error }) => error !== null)
      ? { held: [], ended: { items: [], results: [] }, heldByUnknown: [] }
      : await verified(operation, items, { filters, stopped, force: options.force ?? false, timeouts })
    const applications = [...rows, ...stopped, ...ended.results, ...held]
    const result = { applications, restartedAfterFailure: [], heldByUnknown }
    if (applications.some(({ error }) => error !== null)) {
      const again = await startAgain(operation, [...items, ...ended.items], timeouts, held)
      throw shutdownFailure({ ...result, restartedAfterFailure: again.started }, again.queued)
    }
    return result
  })
}

interface Plan extends Objections {
  timeouts: Required<Timeouts>
}

/** `rows`: what was not to be stopped. */
async function stopAgreed(operation: Operation, options: ShutdownOptions, plan: Plan) {
  const { stored, doorways, signal, progress } = operation
  const { list, masked, affected, asked, timeouts } = plan
  const { force = false } = options
  if (!force) await assertAgreed(operation, plan)
  // Who was asked may have taken its time: what has ended meanwhile is nobody's to start again, and who registered
  // meanwhile comes back.
  const running = await Promise.all(affected.map((one) => runs(one, doorways)))
  const [remaining, ended] = partition(affected, (one) => running[affected.indexOf(one)] === true)
  const toStop = remaining.map((application) => asItIsNow(application, doorways))
  assertStoppable(list, toStop, options)
  if (toStop.length > 0) await doorways.shutdownDelay.take()
  const ids = await stored.addApplications([
    ...masked.map((application) => ({
      application,
      status: ['running' as const, 'shutdown-masked' as const],
      restartRecord: null,
    })),
    ...ended.map((application) => ({
      application,
      status: ['running' as const, 'stopped-other' as const],
      restartRecord: null,
    })),
    ...toStop.map((application) => ({
      application,
      status: ['running' as const],
      restartRecord: restartRecord(application, doorways),
    })),
  ])
  const rows = [
    ...masked.map((application) => untouchedResult(application, 'shutdown-masked')),
    ...ended.map((application) => untouchedResult(application, 'stopped-other')),
  ]
  rows.forEach((one) => progress.settled(one))
  const items = toStop.map((application, index) => ({ id: ids[rows.length + index] ?? 0, application }))
  const stopped = await stopApplications(items, {
    ...doorways,
    timeouts,
    force,
    signal,
    asked,
    async settled(id, result) {
      await stored.addStatus(id, result.outcome)
      progress.settled(result)
    },
  })
  return { rows, items, stopped }
}

/** An application may register for restart, or take that back, as late as when it is asked whether it may be ended. */
export function asItIsNow(application: AffectedApplication, { processes }: Doorways): AffectedApplication {
  if (application.service !== null) return application
  const restartability = processes.restartability(application.process, restartPolicyOf(application))
  const notRestartable = 'reason' in restartability ? restartability.reason : null
  const restartable = notRestartable === null
  const cure = restartable === application.restartable ? application.cure : restartable ? null : 'by-hand'
  return { ...application, restartable, notRestartable, cure }
}

/** Whoever uses the files all the same. Where that cannot be seen, what was stopped is started again, unless it was cancelled. */
async function verified(operation: Operation, items: ToStop[], look: Shutdown): Promise<StillHeld> {
  try {
    return await stillHeld(operation, look)
  } catch (error) {
    if (!operation.signal.aborted) await startAgain(operation, items, look.timeouts, [])
    throw error
  }
}

function declined(): RestartManagerError {
  return new RestartManagerError('CANCELLED', 'Cancelled: nothing was stopped')
}

function partition<Item>(items: Item[], first: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(first), items.filter((item) => !first(item))]
}
