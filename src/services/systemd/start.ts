import type { ServiceOutcome } from '../service-manager.ts'
import type { Bus } from './bus.ts'
import { ignoringRefusal } from './bus-errors.ts'
import { seenUp, type UpOrder } from './come-up.ts'
import { comesFirst, giveBack, type GivenBack } from './hold.ts'
import { Jobs, type JobResult } from './job.ts'
import type { Place } from './meeting.ts'
import { resetFailed, serviceProperty, unitPath } from './manager.ts'
import { done, failed, timedOut, withdrawn } from './outcome.ts'
import { gone, isActive, isDown, readOutline, readState, whyWithdrawn, type Outline } from './unit.ts'

export interface StartOrder extends UpOrder {
  /** The caller has seen it down; no longer so once that is seen to, as the order may be begun again on a new connection. */
  wasDown: boolean
  /** The service was down before anything was held; no longer so once it had to be stopped for that. */
  heldOnly: boolean
  /** No service is started before all that are started at the same time have their sockets: it may pull another one in. */
  sockets: Place
}

/** Starts a service and what was held with it. May be begun again: what is up is done. */
export async function startService(bus: Bus, order: StartOrder): Promise<ServiceOutcome> {
  using jobs = new Jobs(bus)
  const back = async (names: string[]) => await giveBack(bus, jobs, names, async (job) => await ended(jobs, job, order))
  await order.reloads.catchUp(bus, [order.name, ...order.giveBack])
  const unit = await readOutline(bus, order.name)
  const why = whyWithdrawn(unit)
  if (why !== null) {
    // What went down with it and is still there comes back.
    await back(order.giveBack)
    return withdrawn(why === gone ? gone : `${why}; to allow it again: ${order.tool} unmask ${order.name}`)
  }
  const isUp = isActive(unit.state) && !(await stopWoken(bus, jobs, unit, order))
  const before = order.giveBack.filter(comesFirst)
  // A socket cannot be started as long as anything of its service runs. A stop joins the one that is at work.
  if (unit.state === 'deactivating' && before.length > 0 && order.timeoutMs > 0) {
    await ended(jobs, await jobs.queue('stop', unit.id), order)
  }
  const first = await back(before)
  order.sockets.own.arrive()
  await order.sockets.all.everybody()
  const [outcome, last] = await Promise.all([
    isUp || order.heldOnly ? done() : started(bus, jobs, unit, order),
    back(order.giveBack.filter((name) => !comesFirst(name))),
  ])
  return together(unit.id, outcome, [first, last])
}

function together(name: string, outcome: ServiceOutcome, given: GivenBack[]): ServiceOutcome {
  const missing = given.flatMap((one) => one.missing)
  const changed = given.flatMap((one) => one.withdrawn)
  if (outcome.result !== 'done') return outcome
  if (missing.length > 0) return failed('start', name, `what was up with it is not: ${missing.join('; ')}`)
  return changed.length === 0 ? outcome : { ...outcome, changed }
}

async function started(bus: Bus, jobs: Jobs, unit: Outline, order: StartOrder): Promise<ServiceOutcome> {
  // Also sets the count back of how often it was started (StartLimitBurst=): what is given back must not count.
  const [, job] = await Promise.all([ignoringRefusal(resetFailed(bus, unit.id)), jobs.queue('start', unit.id)])
  const result = await ended(jobs, job, order)
  return result === null ? timedOut('start', unit.id, order.timeoutMs) : await seenUp(bus, 'start', unit, order, result)
}

/**
 * Stops a service that was down and that somebody has woken, where it may have read half of the change: a message on the bus
 * cannot be held back. One that runs without a socket of its own cannot be given that either. Answers whether it did.
 */
async function stopWoken(bus: Bus, jobs: Jobs, unit: Outline, order: StartOrder): Promise<boolean> {
  if (!order.wasDown) return false
  const paths = order.giveBack.filter(comesFirst).map(unitPath)
  const sockets = await Promise.all(paths.map((path) => readState(bus, path)))
  const busName = (await serviceProperty(bus, unit.path, 'BusName')) as string
  if (busName === '' && !sockets.some(isDown)) return false
  order.wasDown = false
  order.heldOnly = false
  await ended(jobs, await jobs.queue('stop', unit.id), order)
  return true
}

/** A start that is overdue is left in the queue: it may still come up. */
async function ended(jobs: Jobs, job: string, order: StartOrder): Promise<JobResult | null> {
  try {
    return await jobs.endOf(job, order)
  } catch (error) {
    if (order.signal?.aborted) await jobs.takeBack(job)
    throw error
  }
}
