import type { Bus } from './bus.ts'
import { isDown, isUp, readUnit, type Unit } from './unit.ts'
import { unitType } from './unit-name.ts'

/**
 * The running services that stop when `unit` is stopped, directly or by way of others of whatever type. A unit that is down
 * carries the stop on to none: systemd drops its stop job as redundant, and with it the jobs that only that one asked for
 * (transaction_drop_redundant and transaction_collect_garbage, systemd `src/core/transaction.c`).
 */
export async function dependentsOf(bus: Bus, unit: Unit): Promise<string[]> {
  const seen = new Set([unit.id])
  const services = new Set<string>()
  let names = unit.stopsToo
  while (names.length > 0) {
    const fresh = new Set(names.filter((name) => !seen.has(name)))
    for (const name of fresh) seen.add(name)
    const reached = (await Promise.all([...fresh].map((name) => readUnit(bus, name)))).filter(
      ({ state }) => !isDown(state),
    )
    for (const { id, state } of reached) {
      if (id !== unit.id && isUp(state) && unitType(id) === 'service') services.add(id)
    }
    names = reached.flatMap(({ stopsToo }) => stopsToo)
  }
  return [...services].sort()
}
