import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceOutcome } from '../service-manager.ts'
import type { Bus } from './bus.ts'
import { throwIfCancelled, type JobResult, type Order } from './job.ts'
import { serviceProperty } from './manager.ts'
import { done, failed, jobReason } from './outcome.ts'
import type { Reloads } from './reloads.ts'
import { isWaitingForRestart } from './starting.ts'
import { isActive, isDown, readState, readUnit, type Outline, type Unit } from './unit.ts'
import { unitType } from './unit-name.ts'
import { missingNeeds, whyDown } from './why-down.ts'

/**
 * Milliseconds that a service must stay up. Where its type says nothing of when it is up, systemd calls it up as soon as its
 * process exists, and a program that ends at once (a missing library, a bad configuration) would pass for started. The
 * others have said that they are ready; twice the time after which systemd starts again what ends then (RestartSec=100ms).
 */
const stayUpMs = { unannounced: 500, announced: 200 }
const unannounced = ['simple', 'exec', 'idle']
/** What starts a service that does its job and ends. */
const startersOfJobs = ['timer', 'path']

/** An order that brings a service up. */
export interface UpOrder extends Order {
  /** How a person speaks to this manager: `systemctl --user`. */
  tool: string
  /** The units that are started again with it. */
  giveBack: string[]
  reloads: Reloads
}

/** What a job came to that has brought a service up, or has not: whether the service is up, and stays so. */
export async function seenUp(
  bus: Bus,
  verb: 'start' | 'restart',
  unit: Outline,
  order: UpOrder,
  result: JobResult,
): Promise<ServiceOutcome> {
  const [first, type] = await Promise.all([
    runOf(bus, unit),
    serviceProperty(bus, unit.path, 'Type') as Promise<string>,
  ])
  if (!isActive(first.state)) return await notUp(bus, verb, order, result, type)
  if (type === 'oneshot') return done()
  for (let before = first; ;) {
    await pause(unannounced.includes(type) ? stayUpMs.unannounced : stayUpMs.announced, order.signal)
    const now = await runOf(bus, unit)
    if (!isActive(now.state) || now.restarts !== first.restarts) return await notUp(bus, verb, order, result, type)
    // A service may hand over to another process of its own while it starts (MAINPID=, sd_notify(3)), and a timer may
    // have it run again.
    const isSame = now.mainPid === before.mainPid || doesJobs(unit, order)
    if (isSame || performance.now() > order.deadline) return done()
    before = now
  }
}

/** By what it is seen that a service has ended and was started again. */
async function runOf(bus: Bus, { path }: Outline) {
  const read = async (name: string) => (await serviceProperty(bus, path, name)) as number
  const [state, mainPid, restarts] = await Promise.all([readState(bus, path), read('MainPID'), read('NRestarts')])
  return { state, mainPid, restarts }
}

/** Whether it is no failure that it ends: a timer or a path starts it each time there is something to do. */
function doesJobs({ triggeredBy }: Outline, { giveBack }: UpOrder): boolean {
  return [...triggeredBy, ...giveBack].some((name) => startersOfJobs.includes(unitType(name) ?? ''))
}

async function notUp(
  bus: Bus,
  verb: 'start' | 'restart',
  order: UpOrder,
  result: JobResult,
  type: string,
): Promise<ServiceOutcome> {
  const unit = await readUnit(bus, order.name)
  if (unit.loadState === 'not-found') return failed(verb, unit.id, 'it ended, and its definition is gone')
  const reason = await reasonOf(bus, unit, order, result)
  if (reason === null && (type === 'oneshot' || doesJobs(unit, order))) return done()
  const why = reason ?? endedAtOnce(unit)
  return failed(
    verb,
    unit.id,
    `${why}; ${await stateNow(bus, unit.id)}; to try again: ${order.tool} ${verb} ${unit.id}`,
  )
}

/** Read last of all: systemd may have started it again meanwhile, or given it up. */
async function stateNow(bus: Bus, name: string): Promise<string> {
  const unit = await readUnit(bus, name)
  const { restarts } = await runOf(bus, unit)
  const times = restarts === 1 ? 'once' : `${restarts} times`
  if (isWaitingForRestart(unit)) {
    const already = restarts === 0 ? '' : `, and has done so ${times}`
    return `systemd is about to start it again by itself (Restart=)${already}`
  }
  if (restarts > 0) {
    const again = `systemd has started it again by itself ${times} (Restart=)`
    return isDown(unit.state) ? `${again}, and it is now ${unit.state}` : again
  }
  return isActive(unit.state) ? 'something else has started it again since' : `it is now ${unit.state}`
}

/** Null where nothing has gone wrong that somebody wrote down. */
async function reasonOf(bus: Bus, unit: Unit, order: UpOrder, result: JobResult): Promise<string | null> {
  if (result === 'dependency') return `${jobReason(result)}${await whichNeeds(bus, unit, order)}`
  const down = await whyDown(bus, unit)
  if (down !== null) return down
  if (result !== 'done') return `${jobReason(result)}${doNotHold(unit, 'Assert')}`
  return unit.conditionsMet === false ? `a condition of its unit does not hold${doNotHold(unit, 'Condition')}` : null
}

/** Which unit that it needs is down, why, and what to type for that one. */
async function whichNeeds(bus: Bus, unit: Unit, order: UpOrder): Promise<string> {
  const missing = await missingNeeds(bus, unit)
  order.blamed = missing.map(({ id }) => id)
  const reasons = missing.map(async (one) => {
    const why = unitType(one.id) === 'service' ? await whyDown(bus, one) : null
    const as = why === null ? '' : `, as ${why}`
    return `${one.id} is ${one.state}${as}; to try that one: ${order.tool} start ${one.id}`
  })
  return missing.length === 0 ? '' : `: ${(await Promise.all(reasons)).join('; ')}`
}

/** Without a start on record systemd has unloaded the unit since, as it does with one that nothing refers to. */
function endedAtOnce(unit: Unit): string {
  const conditions = doNotHold(unit, 'Condition')
  return unit.conditionsMet === null && conditions !== ''
    ? `it ended at once, or a condition of its unit does not hold${conditions}`
    : 'it ended at once'
}

/** Which of its conditions or assertions, in brackets; all where systemd does not know any more; empty where it has none. */
function doNotHold({ unmet }: Unit, kind: 'Condition' | 'Assert'): string {
  const candidates = unmet.filter(({ text }) => text.startsWith(kind))
  const known = candidates.filter((one) => one.failed)
  const texts = (known.length > 0 ? known : candidates).map(({ text }) => text)
  return texts.length === 0 ? '' : ` (${texts.join(', ')})`
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => throwIfCancelled(signal))
}
