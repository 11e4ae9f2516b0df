import type { ServiceState } from '../service-manager.ts'
import type { Bus } from './bus.ts'
import { allProperties, loadUnit } from './manager.ts'

/** The properties of a unit that are used here (org.freedesktop.systemd1(5), UNIT OBJECTS). */
export interface Unit {
  path: string
  /** The name it goes by, aliases resolved. */
  id: string
  description: string
  /** `loaded`, `not-found`, `masked`, `bad-setting`, `error`, ... */
  loadState: string
  state: ServiceState
  refusesStop: boolean
  refusesStart: boolean
  transient: boolean
  /** The conditions of its definition held when it was last started; null where systemd does not know of a start (any more). */
  conditionsMet: boolean | null
  /** The units that a stop of this one stops too, directly. */
  stopsToo: string[]
}

/** The dependencies that carry a stop on (UNIT_ATOM_PROPAGATE_STOP, systemd `src/core/unit-dependency-atom.c`). */
const stopDependencies = ['RequiredBy', 'RequisiteOf', 'BoundBy', 'ConsistsOf', 'PropagatesStopTo']

/** A unit by a valid name; one without a definition has the load state `not-found`. */
export async function readUnit(bus: Bus, name: string): Promise<Unit> {
  const path = await loadUnit(bus, name)
  const properties = await allProperties(bus, path, 'org.freedesktop.systemd1.Unit')
  return {
    path,
    id: properties['Id'] as string,
    description: properties['Description'] as string,
    loadState: properties['LoadState'] as string,
    state: serviceState(properties['ActiveState'] as string),
    refusesStop: properties['RefuseManualStop'] as boolean,
    refusesStart: properties['RefuseManualStart'] as boolean,
    transient: properties['Transient'] as boolean,
    conditionsMet: properties['ConditionTimestampMonotonic'] === 0n ? null : (properties['ConditionResult'] as boolean),
    stopsToo: stopDependencies.flatMap((dependency) => (properties[dependency] ?? []) as string[]),
  }
}

/** Null where there is no such service: neither a definition nor anything that runs under the name. */
export async function readService(bus: Bus, name: string): Promise<Unit | null> {
  const unit = await readUnit(bus, name)
  return unit.loadState === 'not-found' && isDown(unit.state) ? null : unit
}

/** Something of it runs, and a stop would end it. */
export function isUp(state: ServiceState): boolean {
  return state === 'active' || state === 'activating' || state === 'reloading'
}

/** Nothing of it runs, and nothing is under way. */
export function isDown(state: ServiceState): boolean {
  return state === 'inactive' || state === 'failed'
}

/** `maintenance` (v245; a service being cleaned) and `refreshing` are nothing that can be acted on differently. */
function serviceState(state: string): ServiceState {
  if (state === 'maintenance') return 'inactive'
  if (state === 'refreshing') return 'reloading'
  return state as ServiceState
}
