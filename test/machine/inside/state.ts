import { output } from './units.ts'

/** The types of units that have a state of their own worth comparing: not devices, and not scopes, which others make. */
const types = ['service', 'socket', 'timer', 'path', 'target', 'mount', 'slice']

const properties = [
  'ActiveState',
  'SubState',
  'UnitFileState',
  'MainPID',
  'InvocationID',
  'NRestarts',
  'Result',
  'ActiveEnterTimestampMonotonic',
] as const

/** What `systemctl show` says of a unit; empty where units of this type have no such property, or nobody has set it yet. */
type UnitState = Record<(typeof properties)[number], string>

/** The units that the service manager has in memory, by name. */
export type MachineState = ReadonlyMap<string, UnitState>

/** A unit that nobody needs is not kept in memory: systemd unloads it some time after it has gone down. */
const unloaded: Partial<UnitState> = { ActiveState: 'inactive', SubState: 'dead' }

/** All units of the machine, read in one call; `systemctl` asks another service manager than that of the machine. */
export async function machineState(
  systemctl = async (...args: string[]): Promise<string> => await output('systemctl', ...args),
): Promise<MachineState> {
  const patterns = types.map((type) => `*.${type}`)
  return stateOf(await systemctl('show', '--all', `--property=Id,${properties.join(',')}`, ...patterns))
}

/** Those that `systemctl show --all` has written: `NAME=VALUE` a line, an empty line between units. */
export function stateOf(shown: string): MachineState {
  const units = new Map<string, UnitState>()
  for (const block of shown.split('\n\n')) {
    const values = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf('=')), valueOf(line)]))
    const entries = properties.map((name) => [name, values.get(name) ?? ''])
    units.set(values.get('Id') ?? '', Object.fromEntries(entries) as UnitState)
  }
  return units
}

function valueOf(line: string): string {
  return line.slice(line.indexOf('=') + 1)
}

/**
 * What is not as it should be after a change in which the units `again` were to be stopped and started, and no other: one
 * line a unit and property, none where nothing that was up is down, nothing that was down is up, all are enabled as before,
 * and whatever was to be started again runs anew.
 */
export function differences(before: MachineState, after: MachineState, again: string[] = []): string[] {
  const missing = again.filter((name) => !before.has(name) && !after.has(name)).map((name) => `${name}: not there`)
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return [...missing, ...names.flatMap((name) => unitDifferences(name, before, after, again.includes(name)))]
}

function unitDifferences(name: string, before: MachineState, after: MachineState, again: boolean): string[] {
  const was = before.get(name) ?? unloaded
  const is = after.get(name) ?? unloaded
  return properties
    .filter((property) => !asItShouldBe(property, was[property], is[property], again))
    .map((property) => `${name}: ${property} was ${was[property] || 'empty'}, is ${is[property] || 'empty'}`)
}

function asItShouldBe(
  property: keyof UnitState,
  was: string | undefined,
  is: string | undefined,
  again: boolean,
): boolean {
  // Where one of them is not in memory it says nothing of what only a unit in memory has.
  if (was === undefined || is === undefined) return true
  if (!again) return was === is
  // A unit without processes has none afterwards either; one with processes has others.
  if (property === 'MainPID') return was === '' || was === '0' ? was === is : was !== is && is !== '0'
  if (property === 'InvocationID' || property === 'ActiveEnterTimestampMonotonic') return was !== is
  // A start by hand sets the count back; one that counts came up by Restart= only.
  if (property === 'NRestarts') return is === '' || is === '0'
  return was === is
}
