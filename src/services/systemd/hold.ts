import { allOf } from '../../model/index.ts'
import type { Bus } from './bus.ts'
import { Refusal } from './bus-errors.ts'
import type { JobResult, Jobs } from './job.ts'
import { unitPath } from './manager.ts'
import { isDown, readState, readUnit, whyWithdrawn, type Unit } from './unit.ts'
import { unitType } from './unit-name.ts'

/** These start a service when something happens; the others only go down with it. */
const triggers = ['socket', 'timer', 'path', 'automount']
/** A service is handed its sockets when it starts, so they have to be there before. */
const beforeTheService = ['socket', 'automount']

/** A unit that is given back before the service is started, the others after. */
export function comesFirst(name: string): boolean {
  return beforeTheService.includes(unitType(name) ?? '')
}

/**
 * Queues the stop of a service and of the units that would wake it or go down with it; answers the jobs, that of the service
 * last. All in one go: systemd begins with its jobs when it has read all that was sent to it (the queue of jobs has the
 * lowest priority of its events, `src/core/manager.c`), and then stops a trigger after its service. With a stop in the queue
 * a trigger starts nothing any more (`unit_stop_pending` in `src/core/socket.c`, `timer.c`, `path.c`), and where the service
 * does not stop in time it is as if the trigger had never been asked.
 */
export async function queueStops(jobs: Jobs, service: string, held: string[]): Promise<string[]> {
  const queued = await Promise.all([
    ...held.map(async (name) => await ifItTakes(jobs.queue('stop', name))),
    jobs.queue('stop', service),
  ])
  return queued.filter((job) => job !== null)
}

/** What is unloaded is down, and what refuses only goes down with the service: null. */
async function ifItTakes(job: Promise<string>): Promise<string | null> {
  try {
    return await job
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

/** Which of the units would start a service again and refuses to be stopped by hand; for a person, null where none. */
export function unstoppableTrigger(held: Unit[]): string | null {
  const trigger = held.find(({ id, refusesStop }) => refusesStop && triggers.includes(unitType(id) ?? ''))
  return trigger ? `${trigger.id} would start it again, and refuses to be stopped by hand (RefuseManualStop=yes)` : null
}

/** What came of giving units back, for a person. */
export interface GivenBack {
  /** What did not come up, and why. */
  missing: string[]
  /** What has been removed or masked since: whoever did that does not want it back. */
  withdrawn: string[]
}

/**
 * Starts units that were held, all at the same time. A target is started alone: with its dependencies it would bring up what
 * was down before. `ended` waits for a job; null where it is not waited for any longer.
 */
export async function giveBack(
  bus: Bus,
  jobs: Jobs,
  names: string[],
  ended: (job: string) => Promise<JobResult | null>,
): Promise<GivenBack> {
  const given: GivenBack = { missing: [], withdrawn: [] }
  await allOf(
    names.map(async (name) => {
      try {
        const mode = unitType(name) === 'target' ? 'ignore-dependencies' : 'replace'
        const result = await ended(await jobs.queue('start', name, mode))
        const state = await readState(bus, unitPath(name))
        if (isDown(state) && result !== null) given.missing.push(`${name} is ${state}`)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const reason = whyWithdrawn(await readUnit(bus, name))
        if (reason === null) given.missing.push(`${name}: ${error.message}`)
        else given.withdrawn.push(`${name}: ${reason}`)
      }
    }),
  )
  return given
}
