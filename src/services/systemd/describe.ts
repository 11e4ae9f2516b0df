import type { Service } from '../service-manager.ts'
import type { Bus } from './bus.ts'
import { Refusal } from './bus-errors.ts'
import { dependentsOf } from './dependents.ts'
import { serviceProperty, unitPids } from './manager.ts'
import { readService, type Unit } from './unit.ts'

/** A service by its full name; null where there is none. `mayControl`: the caller is one the manager obeys. */
export async function describeService(bus: Bus, name: string, mayControl: boolean): Promise<Service | null> {
  const unit = await readService(bus, name)
  if (unit === null) return null
  const [mainPid, controlPid, type, remains, pids, goDownWithIt] = await Promise.all([
    serviceProperty(bus, unit.path, 'MainPID') as Promise<number>,
    serviceProperty(bus, unit.path, 'ControlPID') as Promise<number>,
    serviceProperty(bus, unit.path, 'Type') as Promise<string>,
    serviceProperty(bus, unit.path, 'RemainAfterExit') as Promise<boolean>,
    pidsOf(bus, unit),
    dependentsOf(bus, unit),
  ])
  return {
    name: unit.id,
    description: unit.description,
    state: unit.state,
    mainPid: mainPid || null,
    processes: [...new Set([mainPid, controlPid, ...pids])].filter((pid) => pid > 0),
    notStoppable: notStoppable(unit, mayControl),
    notStartable: notStartable(unit, type === 'oneshot' && !remains, mayControl),
    goDownWithIt,
  }
}

async function pidsOf(bus: Bus, unit: Unit): Promise<number[]> {
  try {
    return await unitPids(bus, unit.id)
  } catch (error) {
    // It has just been unloaded: nothing of it runs.
    if (error instanceof Refusal) return []
    throw error
  }
}

const notRoot = "it belongs to the system's service manager, and the caller is not root"

function notStoppable(unit: Unit, mayControl: boolean): string | null {
  if (unit.refusesStop) return 'its unit refuses to be stopped by hand (RefuseManualStop=yes)'
  return mayControl ? null : notRoot
}

/** `job`: it does something and ends, and is up only while it does it. */
function notStartable(unit: Unit, job: boolean, mayControl: boolean): string | null {
  if (unit.refusesStart) return 'its unit refuses to be started by hand (RefuseManualStart=yes)'
  if (unit.transient) return 'its unit is transient: the definition is gone once it stops'
  if (unit.loadState === 'masked') return 'its unit is masked'
  if (unit.loadState !== 'loaded') return `its unit has no usable definition (LoadState=${unit.loadState})`
  if (job) return 'it does one job and ends (Type=oneshot): starting it would do the job again'
  return mayControl ? null : notRoot
}
