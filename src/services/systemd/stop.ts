import type { ServiceOutcome } from '../service-manager.ts'
import type { Bus } from './bus.ts'
import { ignoringRefusal } from './bus-errors.ts'
import { runJob, type Order } from './job.ts'
import { killUnit, resetFailed } from './manager.ts'
import { done, failed, jobReason, timedOut } from './outcome.ts'
import { isDown, readService, type Unit } from './unit.ts'

/** Milliseconds for a service to be gone once its processes are killed. */
const afterKillMs = 5_000

export interface StopOrder extends Order {
  force: boolean
  /** Its processes were killed; kept here, as the order may be begun again on a new connection. */
  forced: boolean
}

/** Stops a service. May be begun again: a service that is down is done. */
export async function stopService(bus: Bus, order: StopOrder): Promise<ServiceOutcome> {
  const unit = await readService(bus, order.name)
  if (unit === null) return failed('stop', order.name, 'there is no such service')
  if (isDown(unit.state)) return await stopped(bus, unit, order)
  const overdue = order.force ? async () => await kill(bus, unit, order) : null
  const result = await runJob(bus, 'stop', unit.id, order, overdue)
  if (result === null) return timedOut('stop', unit.id, order.timeoutMs, order.forced)
  const after = await readService(bus, unit.id)
  if (after === null || isDown(after.state)) return await stopped(bus, unit, order, after?.state === 'failed')
  const reason = result === 'done' ? `it was started again by something else and is ${after.state}` : jobReason(result)
  return { ...failed('stop', unit.id, reason), forced: order.forced }
}

/** The deadline has passed: kills the processes; answers the new deadline. */
async function kill(bus: Bus, unit: Unit, order: StopOrder): Promise<number> {
  order.forced = true
  await ignoringRefusal(killUnit(bus, unit.id))
  return performance.now() + afterKillMs
}

/** A service that was killed here is left as one that was stopped, not as one that failed. */
async function stopped(
  bus: Bus,
  unit: Unit,
  { forced }: StopOrder,
  hasFailed = unit.state === 'failed',
): Promise<ServiceOutcome> {
  if (forced && hasFailed) await ignoringRefusal(resetFailed(bus, unit.id))
  return done(forced)
}
