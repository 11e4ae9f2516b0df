import { readProcessStat } from '../../linux/process-stat.ts'
import type { ServiceOutcome } from '../service-manager.ts'
import type { Bus } from './bus.ts'
import { ignoringRefusal } from './bus-errors.ts'
import { seenUp, type UpOrder } from './come-up.ts'
import { wholeReach } from './dependents.ts'
import { giveBack, type GivenBack } from './hold.ts'
import { Jobs, type JobResult } from './job.ts'
import { leftOf } from './left.ts'
import { resetFailed, unitPath } from './manager.ts'
import type { Place } from './meeting.ts'
import { done, failed, timedOut } from './outcome.ts'
import { atWork, isAtWork, isStarting, letItStart } from './starting.ts'
import { staysDown } from './way-down.ts'
import { isActive, isDown, readService, readState, readUnit, type Unit } from './unit.ts'
import { unitType } from './unit-name.ts'

export interface RestartOrder extends UpOrder {
  /** What was up before, by name, with its invocation; null before it was looked. Outlives the connection. */
  before: Map<string, string> | null
  /** The pids of the processes that it had then. */
  processes: number[]
  /** All that are restarted at the same time are queued at once: systemd then makes one restart of each. */
  queueing: Place
}

/**
 * Restarts a service in one job and sees that what went down with it is up again. May be begun again: one whose invocation
 * is no longer that of the first look has been restarted.
 */
export async function restartService(bus: Bus, order: RestartOrder): Promise<ServiceOutcome> {
  using jobs = new Jobs(bus)
  await order.reloads.catchUp(bus, [order.name])
  const unit = await readService(bus, order.name)
  if (unit === null) return failed('restart', order.name, 'there is no such service')
  if (order.before === null) {
    if (await staysDown(bus, unit)) return done()
    const others = await wholeReach(bus, unit)
    const refusal = await refusalOf(bus, unit, others)
    if (refusal !== null) return failed('restart', unit.id, refusal)
    order.before = new Map([unit, ...others].map(({ id, invocation }) => [id, invocation]))
    // What is given a new start must not count as one of too many (StartLimitBurst=).
    await ignoringRefusal(resetFailed(bus, unit.id))
  }
  const { before } = order
  order.queueing.own.arrive()
  if (isStarting(unit)) await letItStart(jobs, unit, order)
  else await order.queueing.all.everybody()
  const result = await restarted(bus, jobs, unit, before.get(unit.id), order)
  if (result === null) return timedOut('restart', unit.id, order.timeoutMs)
  if (result === stoppedByOthers) return done()
  const [outcome, { missing }] = await Promise.all([
    seenUp(bus, 'restart', unit, order, result),
    broughtBack(bus, jobs, unit.id, before, order),
  ])
  if (outcome.result !== 'done') return outcome
  if (missing.length > 0)
    return failed('restart', unit.id, `it is up, and what was up with it is not: ${missing.join('; ')}`)
  return {
    ...outcome,
    ...(await leftOf(
      bus,
      unit,
      order.processes.filter((pid) => readProcessStat(pid) !== null),
    )),
  }
}

/** In place of a job's result: somebody else has stopped it meanwhile, and it is not to be started. */
const stoppedByOthers = 'stopped'

async function refusalOf(bus: Bus, unit: Unit, others: Unit[]): Promise<string | null> {
  if (unit.refusesStop) return 'its unit refuses to be stopped by hand (RefuseManualStop=yes)'
  if (unit.refusesStart) return 'its unit refuses to be started by hand (RefuseManualStart=yes)'
  if (await isAtWork(bus, unit)) return atWork(unit)
  for (const other of others) {
    if (unitType(other.id) === 'service' && (await isAtWork(bus, other)))
      return `${other.id} would go down with it: ${atWork(other)}`
  }
  return null
}

/**
 * The result of the job; null where it has none in time: such a job is left at work, as without it the service would stop and
 * stay down.
 */
async function restarted(
  bus: Bus,
  jobs: Jobs,
  { id, invocation, state }: Unit,
  before: string | undefined,
  order: RestartOrder,
): Promise<JobResult | null> {
  // It has been restarted already, or is just being: by somebody else, or before the connection broke.
  const begun = invocation !== before || isDown(state) || state === 'deactivating'
  const result = begun ? 'done' : await jobs.endOf(await jobs.queue('restart', id), order)
  const after = await readUnit(bus, id)
  if (isActive(after.state)) return result
  // Without its job a service that is stopping would stay down.
  const lost = after.job === null && after.state === 'deactivating' && result === 'canceled'
  const job = lost ? await jobs.queue('start', id) : after.job
  if (job === null) return result
  const theirs = !lost && (await staysDown(bus, after))
  const end = await jobs.endOf(job, order)
  return theirs && end === 'done' ? stoppedByOthers : end
}

/**
 * Starts what was up with it and is not. systemd has carried the restart on to most of it, and a start joins what is still at
 * work.
 */
async function broughtBack(
  bus: Bus,
  jobs: Jobs,
  name: string,
  before: Map<string, string>,
  order: RestartOrder,
): Promise<GivenBack> {
  const others = [...before.keys()].filter((other) => other !== name)
  const missing = await Promise.all(
    others.map(async (other) => (isActive(await readState(bus, unitPath(other))) ? [] : other)),
  )
  return await giveBack(bus, jobs, missing.flat(), async (job) => await jobs.endOf(job, order))
}
