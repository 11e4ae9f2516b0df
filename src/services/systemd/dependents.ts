import type { Bus } from './bus.ts'
import { isDown, isUp, readUnit, type Unit } from './unit.ts'
import { unitType } from './unit-name.ts'

/** What is done to other units when a service is stopped and kept down. */
export interface Dependents {
  /** The services that stop with it, sorted. */
  services: Unit[]
  /** The other units that stop with it, or have to be stopped so that they do not start it again, sorted. */
  held: Unit[]
}

/** Types of units that can be started again. A scope and a device are made by others, and a slice comes with what is in it. */
const startable = ['socket', 'timer', 'path', 'automount', 'target', 'mount', 'swap']

/**
 * The services that stop when `unit` does, directly or by way of others, and the units held that no other of these services
 * holds. Of a unit that is down: what would start it, and what stops with that.
 */
export async function dependentsOf(bus: Bus, unit: Unit): Promise<Dependents> {
  const read = reader(bus, unit)
  const all = await reachedFrom(unit, read, () => true)
  const own = await reachedFrom(unit, read, (other) => unitType(other.id) !== 'service')
  return {
    services: all.filter(({ id, state }) => isUp(state) && unitType(id) === 'service'),
    held: own.filter(isHeld),
  }
}

/** All units, of whatever type, that are up and stop when `unit` does, and those that could start one of them meanwhile. */
export async function wholeReach(bus: Bus, unit: Unit): Promise<Unit[]> {
  const all = await reachedFrom(unit, reader(bus, unit), () => true)
  return all.filter((other) => isHeld(other) || (isUp(other.state) && unitType(other.id) === 'service'))
}

function isHeld({ id, state }: Unit): boolean {
  return isUp(state) && startable.includes(unitType(id) ?? '')
}

type Read = (name: string) => Promise<Unit>

/** Reads each unit once. */
function reader(bus: Bus, unit: Unit): Read {
  const units = new Map([[unit.id, Promise.resolve(unit)]])
  return async (name) => {
    const known = units.get(name) ?? readUnit(bus, name)
    units.set(name, known)
    return await known
  }
}

/**
 * The units that are reached from `unit`, itself left out; those that `goesOn` says no to are reached, and nothing from
 * them. A unit that is down carries the stop on to none: systemd drops its stop job as redundant, and with it the jobs that
 * only that one asked for (transaction_drop_redundant and transaction_collect_garbage, systemd `src/core/transaction.c`).
 */
async function reachedFrom(unit: Unit, read: Read, goesOn: (other: Unit) => boolean): Promise<Unit[]> {
  const reached = new Map<string, Unit>()
  const seen = new Set([unit.id])
  let names = [...(isDown(unit.state) ? [] : unit.stopsToo), ...unit.triggeredBy]
  while (names.length > 0) {
    const fresh = new Set(names.filter((name) => !seen.has(name)))
    for (const name of fresh) seen.add(name)
    const units = (await Promise.all([...fresh].map(read))).filter(({ id, state }) => id !== unit.id && !isDown(state))
    for (const other of units) reached.set(other.id, other)
    names = units.filter(goesOn).flatMap(({ stopsToo, triggeredBy }) => [...stopsToo, ...triggeredBy])
  }
  return [...reached.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}
