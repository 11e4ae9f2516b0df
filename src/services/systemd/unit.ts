import type { ServiceState } from '../service-manager.ts'
import type { Bus } from './bus.ts'
import { allProperties, unitPath, unitProperty } from './manager.ts'

/** The properties of a unit that are used here (org.freedesktop.systemd1(5), UNIT OBJECTS). */
export interface Unit {
  path: string
  /** The name it goes by, aliases resolved. */
  id: string
  description: string
  /** `loaded`, `not-found`, `masked`, `bad-setting`, `error`, ... */
  loadState: string
  state: ServiceState
  /** What its type knows in more detail: `start-pre`, `auto-restart`, `listening`, ... */
  subState: string
  /** The object path of the job that is queued or at work for it; null where there is none. */
  job: string | null
  /** A number that is new each time it is started, 32 hex digits; empty where it has not been. */
  invocation: string
  refusesStop: boolean
  refusesStart: boolean
  transient: boolean
  /** The conditions of its definition held when it was last started; null where systemd does not know of a start (any more). */
  conditionsMet: boolean | null
  /** Those of its conditions and assertions that do not hold, or have not been looked at: `ConditionPathExists=!/run/x`. */
  unmet: Requirement[]
  /** The units that a stop of this one stops too, directly. */
  stopsToo: string[]
  /** The units that start this one when something happens: sockets, timers, paths, automounts. */
  triggeredBy: string[]
  /** The units without which it does not start, directly. */
  needs: string[]
}

/** A condition or an assertion of a unit, as its file says it. */
export interface Requirement {
  text: string
  /** It did not hold at the last start; false where it has not been looked at. */
  failed: boolean
}

/** `state` is negative where it did not hold, 0 where it was not looked at. */
type RequirementRow = [type: string, trigger: boolean, negated: boolean, parameter: string, state: number]

/** The dependencies that carry a stop on (UNIT_ATOM_PROPAGATE_STOP, systemd `src/core/unit-dependency-atom.c`). */
const stopDependencies = ['RequiredBy', 'RequisiteOf', 'BoundBy', 'ConsistsOf', 'PropagatesStopTo']

/** The dependencies that a start waits for and fails with (UNIT_ATOM_PULL_IN_START, UNIT_ATOM_PULL_IN_VERIFY, the same file). */
const startDependencies = ['Requires', 'BindsTo', 'Requisite']

/** A unit by a valid name; one without a definition has the load state `not-found`. */
export async function readUnit(bus: Bus, name: string): Promise<Unit> {
  const path = unitPath(name)
  const properties = await allProperties(bus, path, 'org.freedesktop.systemd1.Unit')
  return {
    path,
    id: properties['Id'] as string,
    description: properties['Description'] as string,
    loadState: properties['LoadState'] as string,
    state: serviceState(properties['ActiveState'] as string),
    subState: properties['SubState'] as string,
    job: jobOf(properties['Job'] as [id: number, path: string]),
    invocation: Buffer.from(properties['InvocationID'] as Uint8Array).toString('hex'),
    refusesStop: properties['RefuseManualStop'] as boolean,
    refusesStart: properties['RefuseManualStart'] as boolean,
    transient: properties['Transient'] as boolean,
    conditionsMet: properties['ConditionTimestampMonotonic'] === 0n ? null : (properties['ConditionResult'] as boolean),
    unmet: [...unmetOf(properties['Conditions']), ...unmetOf(properties['Asserts'])],
    stopsToo: namesOf(properties, stopDependencies),
    triggeredBy: namesOf(properties, ['TriggeredBy']),
    needs: namesOf(properties, startDependencies),
  }
}

function unmetOf(rows: unknown): Requirement[] {
  return (rows as RequirementRow[])
    .filter(([, , , , state]) => state <= 0)
    .map(([type, trigger, negated, parameter, state]) => ({
      text: `${type}=${trigger ? '|' : ''}${negated ? '!' : ''}${parameter}`,
      failed: state < 0,
    }))
}

function jobOf([id, path]: [id: number, path: string]): string | null {
  return id === 0 ? null : path
}

function namesOf(properties: Record<string, unknown>, dependencies: string[]): string[] {
  return dependencies.flatMap((dependency) => (properties[dependency] ?? []) as string[])
}

/** What is needed to start a unit. */
export type Outline = Pick<Unit, 'path' | 'id' | 'loadState' | 'state' | 'triggeredBy'>

/**
 * Reads a unit property by property. All of them in one call take systemd 252 2.7 ms where the state of the unit has changed
 * since, as it then finds out anew whether it is enabled (UnitFileState); these take a tenth of that.
 */
export async function readOutline(bus: Bus, name: string): Promise<Outline> {
  const path = unitPath(name)
  const read = async (property: string) => await unitProperty(bus, path, property)
  const [id, loadState, state, triggeredBy] = await Promise.all(
    ['Id', 'LoadState', 'ActiveState', 'TriggeredBy'].map(read),
  )
  return {
    path,
    id: id as string,
    loadState: loadState as string,
    state: serviceState(state as string),
    triggeredBy: triggeredBy as string[],
  }
}

/** Whether a unit is up, by its path. */
export async function readState(bus: Bus, path: string): Promise<ServiceState> {
  return serviceState((await unitProperty(bus, path, 'ActiveState')) as string)
}

/** Null where there is no such service: neither a definition nor anything that runs under the name. */
export async function readService(bus: Bus, name: string): Promise<Unit | null> {
  const unit = await readUnit(bus, name)
  return unit.loadState === 'not-found' && isDown(unit.state) ? null : unit
}

export const gone = 'its unit is gone now'

/** Why a unit that was there cannot be started any more, as somebody has removed or masked it; null where it can. */
export function whyWithdrawn({ loadState, state }: Outline): string | null {
  if (!isDown(state)) return null
  if (loadState === 'not-found') return gone
  return loadState === 'masked' ? 'its unit is masked now' : null
}

/** It runs and has said so, as far as it says anything. */
export function isActive(state: ServiceState): boolean {
  return state === 'active' || state === 'reloading'
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
