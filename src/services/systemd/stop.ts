import type { ServiceOutcome } from '../service-manager.ts'
import type { Bus } from './bus.ts'
import { ignoringRefusal } from './bus-errors.ts'
import { queueStops, unstoppableTrigger } from './hold.ts'
import { Jobs, type JobResult, type Order } from './job.ts'
import type { Place } from './meeting.ts'
import { leftOf } from './left.ts'
import { killUnit, resetFailed, serviceProperty } from './manager.ts'
import { done, failed, jobReason, timedOut } from './outcome.ts'
import { atWork, isAtWork, isStarting, letItStart } from './starting.ts'
import { isDown, readService, readUnit, type Unit } from './unit.ts'

/** An unlimited time, as systemd writes it (USEC_INFINITY). */
const endless = 2n ** 64n - 1n
/** Milliseconds for a service to be gone once its processes are killed. */
const afterKillMs = 5_000

export interface StopOrder extends Order {
  force: boolean
  hold: string[]
  /** All that are stopped at the same time are queued at once: what wakes one of them would pull in another that is stopping. */
  queueing: Place
  /** Its processes were killed; kept here, as the order may be begun again on a new connection. */
  forced: boolean
}

/** Stops a service. May be begun again: a service that is down is done. */
export async function stopService(bus: Bus, order: StopOrder): Promise<ServiceOutcome> {
  const unit = await readService(bus, order.name)
  if (unit === null) return failed('stop', order.name, 'there is no such service')
  if (!isDown(unit.state)) {
    if (unit.refusesStop)
      return failed('stop', unit.id, 'its unit refuses to be stopped by hand (RefuseManualStop=yes)')
    if (await isAtWork(bus, unit)) return failed('stop', unit.id, atWork(unit))
  }
  const held = await Promise.all(order.hold.map((name) => readUnit(bus, name)))
  const trigger = unstoppableTrigger(held)
  if (trigger !== null) return failed('stop', unit.id, trigger)
  order.queueing.own.arrive()
  if ([unit, ...held].every(({ state }) => isDown(state))) return await stopped(bus, unit, order, 'done')
  using jobs = new Jobs(bus)
  if (isStarting(unit)) await letItStart(jobs, unit, order)
  else await order.queueing.all.everybody()
  return await stopped(bus, unit, order, await stopHeld(bus, jobs, unit, order))
}

/** Stops what is held and the service, at the same time; the result of the service's job, null where it has none in time. */
async function stopHeld(bus: Bus, jobs: Jobs, unit: Unit, order: StopOrder): Promise<JobResult | null> {
  const queued = await queueStops(jobs, unit.id, order.hold)
  const job = queued.at(-1) ?? ''
  const takeBack = async () => await Promise.all(queued.map((one) => jobs.takeBack(one)))
  try {
    let result = await jobs.endOf(job, order)
    if (result === null && order.force) {
      order.forced = true
      await ignoringRefusal(killUnit(bus, unit.id))
      result = await jobs.endOf(job, { ...order, deadline: performance.now() + afterKillMs })
    }
    if (result === null) await takeBack()
    else await Promise.all(queued.map((one) => jobs.endOf(one, order)))
    return result
  } catch (error) {
    if (order.signal?.aborted) await takeBack()
    throw error
  }
}

async function stopped(bus: Bus, unit: Unit, order: StopOrder, result: JobResult | null): Promise<ServiceOutcome> {
  const { forced } = order
  if (result === null) return await notInTime(bus, unit, order)
  const after = await readService(bus, unit.id)
  if (after !== null && !isDown(after.state)) {
    const again = `it was started again by something else and is ${after.state}`
    return { ...failed('stop', unit.id, result === 'done' ? again : jobReason(result)), forced }
  }
  // A service that was killed here is left as one that was stopped, not as one that failed.
  if (forced && after?.state === 'failed') await ignoringRefusal(resetFailed(bus, unit.id))
  return { ...done(), forced, ...(after !== null && (await leftOf(bus, unit))) }
}

/** systemd takes a stop back that has begun by no means: what becomes of it is said. */
async function notInTime(bus: Bus, { id, path }: Unit, { timeoutMs, forced }: StopOrder): Promise<ServiceOutcome> {
  const outcome = timedOut('stop', id, timeoutMs, forced)
  if (forced) return outcome
  const [timeout, kills] = await Promise.all(
    ['TimeoutStopUSec', 'SendSIGKILL'].map((name) => serviceProperty(bus, path, name)),
  )
  const seconds = Number(timeout) / 1e6
  const end =
    timeout === endless
      ? 'as long as it takes (TimeoutStopSec=infinity)'
      : `and ${kills === false ? 'leaves its processes alone' : 'kills it'} after ${seconds} s (TimeoutStopSec=)`
  return { ...outcome, message: `${String(outcome.message)}; systemd goes on with the stop, ${end}` }
}
