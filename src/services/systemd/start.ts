import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceOutcome } from '../service-manager.ts'
import type { Bus } from './bus.ts'
import { ignoringRefusal } from './bus-errors.ts'
import { runJob, throwIfCancelled, type Order } from './job.ts'
import { resetFailed, serviceProperty } from './manager.ts'
import { done, failed, jobReason, serviceReason, timedOut } from './outcome.ts'
import { readService, type Unit } from './unit.ts'

/**
 * Milliseconds that a service must stay up whose unit type says nothing of when it is up: systemd calls it up as soon as
 * its process exists, so a program that ends at once (a missing library, a bad configuration) would pass for started.
 */
const stayUpMs = 250
const unannounced = ['simple', 'exec', 'idle']

/** Starts a service. May be begun again: a service that is up is done. */
export async function startService(bus: Bus, order: Order): Promise<ServiceOutcome> {
  const unit = await readService(bus, order.name)
  if (unit === null) return failed('start', order.name, 'there is no such service')
  if (unit.state === 'active' || unit.state === 'reloading') return done()
  // Also sets the count back of how often it was started (StartLimitBurst=): what is given back must not count.
  await ignoringRefusal(resetFailed(bus, unit.id))
  const result = await runJob(bus, 'start', unit.id, order, null)
  if (result === null) return timedOut('start', unit.id, order.timeoutMs)
  const type = (await serviceProperty(bus, unit.path, 'Type')) as string
  if (result === 'done' && unannounced.includes(type)) await pause(order.signal)
  const after = await readService(bus, unit.id)
  if (after === null) return failed('start', unit.id, 'it ended, and its definition is gone')
  if (after.state === 'active' || after.state === 'reloading') return done()
  return await notUp(bus, after, type, result)
}

/** What a start came to whose job has ended and whose service is not up. */
async function notUp(bus: Bus, unit: Unit, type: string, result: string): Promise<ServiceOutcome> {
  const outcome = (await serviceProperty(bus, unit.path, 'Result')) as string
  if (outcome !== 'success' && result !== 'dependency') return failed('start', unit.id, serviceReason(outcome))
  if (result !== 'done') return failed('start', unit.id, jobReason(result))
  if (unit.conditionsMet === false) return failed('start', unit.id, 'a condition of its unit does not hold')
  if (type === 'oneshot') return done()
  // Without a start on record systemd has unloaded the unit since, as it does with one that nothing refers to.
  const orCondition = unit.conditionsMet === null ? ', or a condition of its unit does not hold' : ''
  return failed('start', unit.id, `it ended at once and is ${unit.state}${orCondition}`)
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await sleep(stayUpMs, undefined, signal ? { signal } : {}).catch(() => throwIfCancelled(signal))
}
