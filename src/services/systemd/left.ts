import type { ServiceOutcome } from '../service-manager.ts'
import type { Bus } from './bus.ts'
import { pidsOfUnit, serviceProperty } from './manager.ts'
import type { Unit } from './unit.ts'

/**
 * What of a service's definition lets processes of it live when it is stopped, as its file says it; null where nothing does
 * (systemd.kill(5)).
 */
async function letsLive(bus: Bus, { path }: Unit): Promise<string | null> {
  const [mode, kills] = await Promise.all(['KillMode', 'SendSIGKILL'].map((name) => serviceProperty(bus, path, name)))
  if (mode === 'process' || mode === 'none') return `KillMode=${mode}`
  return kills === false ? 'SendSIGKILL=no' : null
}

/** The processes that a service still has after it was stopped, or of `before` where it runs again, and what lets them live. */
export async function leftOf(
  bus: Bus,
  unit: Unit,
  before?: number[],
): Promise<Pick<ServiceOutcome, 'left' | 'leftBy'>> {
  const now = before?.length === 0 ? [] : await pidsOfUnit(bus, unit.id)
  const left = before ? now.filter((pid) => before.includes(pid)) : now
  const leftBy = left.length === 0 ? null : await letsLive(bus, unit)
  return { left, ...(leftBy !== null && { leftBy }) }
}
