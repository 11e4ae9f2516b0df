import type { Service } from '../service-manager.ts'
import type { Bus } from './bus.ts'
import { dependentsOf } from './dependents.ts'
import { unstoppableTrigger } from './hold.ts'
import { acceptsForEach, pidsOfUnit, serviceProperty } from './manager.ts'
import { atWork, isStarting } from './starting.ts'
import { isDown, readService, type Unit } from './unit.ts'
import { unitType } from './unit-name.ts'
import { staysDown } from './way-down.ts'

/** A service by its full name; null where there is none. `mayControl`: the caller is one the manager obeys. */
export async function describeService(bus: Bus, name: string, mayControl: boolean): Promise<Service | null> {
  const unit = await readService(bus, name)
  if (unit === null) return null
  const [mainPid, controlPid, type, remains, pids, { services, held }] = await Promise.all([
    serviceProperty(bus, unit.path, 'MainPID') as Promise<number>,
    serviceProperty(bus, unit.path, 'ControlPID') as Promise<number>,
    serviceProperty(bus, unit.path, 'Type') as Promise<string>,
    serviceProperty(bus, unit.path, 'RemainAfterExit') as Promise<boolean>,
    pidsOfUnit(bus, unit.id),
    dependentsOf(bus, unit),
  ])
  const rights = mayControl ? null : notRoot
  return {
    name: unit.id,
    description: unit.description,
    state: unit.state,
    mainPid: mainPid || null,
    processes: [...new Set([mainPid, controlPid, ...pids])].filter((pid) => pid > 0),
    notStoppable: notStoppable(unit, type, held) ?? rights,
    notStartable: (await notStartable(bus, unit, type === 'oneshot' && !remains, held)) ?? rights,
    goDownWithIt: services.map(({ id }) => id),
    held: held.map(({ id }) => id),
  }
}

const notRoot = "it belongs to the system's service manager, and the caller is not root"

function notStoppable(unit: Unit, type: string, held: Unit[]): string | null {
  if (unit.refusesStop && !(isDown(unit.state) && held.length > 0))
    return 'its unit refuses to be stopped by hand (RefuseManualStop=yes)'
  if (type === 'oneshot' && isStarting(unit)) return atWork(unit)
  return unstoppableTrigger(held)
}

/** `job`: it does something and ends, and is up only while it does it. */
async function notStartable(bus: Bus, unit: Unit, job: boolean, held: Unit[]): Promise<string | null> {
  const refuses = held.find(({ refusesStart }) => refusesStart)
  const notGivenBack = refuses
    ? `${refuses.id} goes down with it, and refuses to be started by hand (RefuseManualStart=yes)`
    : null
  // Nobody is going to start it: what would have is stopped and started.
  if (isDown(unit.state) && held.length > 0) return notGivenBack
  if (unit.refusesStart) return 'its unit refuses to be started by hand (RefuseManualStart=yes)'
  if (unit.transient) return 'its unit is transient: the definition is gone once it stops'
  if (unit.loadState === 'masked') return 'its unit is masked'
  if (unit.loadState !== 'loaded') return `its unit has no usable definition (LoadState=${unit.loadState})`
  if (job) return 'it does one job and ends (Type=oneshot): starting it would do the job again'
  if (unit.state === 'deactivating' && (await staysDown(bus, unit))) return 'somebody else is stopping it'
  const socket = await acceptingSocket(bus, unit, held)
  if (socket) return `it serves one connection of ${socket.id} (Accept=yes): a client starts it`
  return notGivenBack
}

/** The socket that makes an instance of a template for each connection, where this is one of these. */
async function acceptingSocket(bus: Bus, { id, triggeredBy }: Unit, held: Unit[]): Promise<Unit | undefined> {
  if (!id.includes('@')) return undefined
  const sockets = held.filter((one) => unitType(one.id) === 'socket' && triggeredBy.includes(one.id))
  const accepting = await Promise.all(sockets.map(({ path }) => acceptsForEach(bus, path)))
  return sockets.find((_, index) => accepting[index])
}
