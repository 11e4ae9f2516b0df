import type { Bus } from './bus.ts'
import { jobType, serviceProperty } from './manager.ts'
import { isDown, type Unit } from './unit.ts'

/** The jobs that end with a unit that is up. */
const jobsUp = ['start', 'restart', 'try-restart', 'reload-or-start']

/**
 * It is down, or on its way there, and nobody brings it up again: what somebody else has stopped is not to be started. A
 * service that ends by itself and is to be started again then (Restart=) does not stay down.
 */
export async function staysDown(bus: Bus, unit: Unit): Promise<boolean> {
  if (!isDown(unit.state) && unit.state !== 'deactivating') return false
  const job = unit.job === null ? null : await jobType(bus, unit.job)
  if (job !== null) return !jobsUp.includes(job)
  return isDown(unit.state) || (await serviceProperty(bus, unit.path, 'Restart')) === 'no'
}
