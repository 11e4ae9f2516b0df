import type { Bus } from './bus.ts'
import { Refusal } from './bus-errors.ts'

const manager = { path: '/org/freedesktop/systemd1', interface: 'org.freedesktop.systemd1.Manager' }
const killSignal = 9

/**
 * The object path of a unit. Whoever asks the object there makes the manager load the unit's definition; it answers for a
 * unit that has none too (manager_load_unit_from_dbus_path and bus_label_escape, systemd `src/core/dbus.c`,
 * `src/basic/bus-label.c`).
 */
export function unitPath(name: string): string {
  const escape = (letter: string): string => `_${letter.charCodeAt(0).toString(16).padStart(2, '0')}`
  return `/org/freedesktop/systemd1/unit/${name.replace(/^[0-9]|[^A-Za-z0-9]/g, escape)}`
}

/** `restart`: what is down stays down (TryRestartUnit). */
export type JobVerb = 'stop' | 'start' | 'restart'
/** `ignore-dependencies`: this unit and no other, without waiting for any. */
export type JobMode = 'replace' | 'ignore-dependencies'

const jobMembers: Record<JobVerb, string> = { stop: 'StopUnit', start: 'StartUnit', restart: 'TryRestartUnit' }

/** Puts a job in the queue and answers its object path; a job that contradicts it is cancelled. */
export async function queueJob(bus: Bus, verb: JobVerb, name: string, mode: JobMode): Promise<string> {
  return (await bus.call({ ...manager, member: jobMembers[verb], signature: 'ss', body: [name, mode] })) as string
}

/** What a job does: `start`, `stop`, `restart`, ...; null where it has ended. */
export async function jobType(bus: Bus, path: string): Promise<string | null> {
  try {
    return (await property(bus, path, 'org.freedesktop.systemd1.Job', 'JobType')) as string
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

/** Takes a job out of the queue; one that is being carried out is only forgotten, the unit goes on. */
export async function cancelJob(bus: Bus, job: string): Promise<void> {
  await bus.call({ path: job, interface: 'org.freedesktop.systemd1.Job', member: 'Cancel' })
}

/** SIGKILL for every process of the unit. */
export async function killUnit(bus: Bus, name: string): Promise<void> {
  await bus.call({ ...manager, member: 'KillUnit', signature: 'ssi', body: [name, 'all', killSignal] })
}

/** Reads all unit files again (`systemctl daemon-reload`); answers when that is done. */
export async function reload(bus: Bus): Promise<void> {
  await bus.call({ ...manager, member: 'Reload' })
}

/** Turns `failed` into `inactive`. */
export async function resetFailed(bus: Bus, name: string): Promise<void> {
  await bus.call({ ...manager, member: 'ResetFailedUnit', signature: 's', body: [name] })
}

/**
 * The pids in the control group of a unit and in the groups beneath it; those this PID namespace has no number for are left
 * out. None where the unit has just been unloaded.
 */
export async function pidsOfUnit(bus: Bus, name: string): Promise<number[]> {
  try {
    const rows = await bus.call({ ...manager, member: 'GetUnitProcesses', signature: 's', body: [name] })
    return (rows as [group: string, pid: number, command: string][]).map(([, pid]) => pid).filter((pid) => pid > 0)
  } catch (error) {
    if (error instanceof Refusal) return []
    throw error
  }
}

/** All properties of one interface of a unit; the manager knows which ones. */
export async function allProperties(bus: Bus, path: string, of: string): Promise<Record<string, unknown>> {
  const call = { path, interface: 'org.freedesktop.DBus.Properties', member: 'GetAll', signature: 's', body: [of] }
  return (await bus.call(call)) as Record<string, unknown>
}

/** One property that units of all types have: `ActiveState`. */
export async function unitProperty(bus: Bus, path: string, name: string): Promise<unknown> {
  return await property(bus, path, 'org.freedesktop.systemd1.Unit', name)
}

/** One property of a service: `MainPID`, `Type`, `Result`, ... */
export async function serviceProperty(bus: Bus, path: string, name: string): Promise<unknown> {
  return await property(bus, path, 'org.freedesktop.systemd1.Service', name)
}

/** Whether a socket starts a service of its own for each connection (Accept=yes). */
export async function acceptsForEach(bus: Bus, path: string): Promise<boolean> {
  return (await property(bus, path, 'org.freedesktop.systemd1.Socket', 'Accept')) as boolean
}

/** The control group the manager itself is in: `/user.slice/user-1000.slice/user@1000.service` for a user's, empty for the machine's. */
export async function managerControlGroup(bus: Bus): Promise<string> {
  return (await property(bus, manager.path, manager.interface, 'ControlGroup')) as string
}

async function property(bus: Bus, path: string, of: string, name: string): Promise<unknown> {
  const call = { path, interface: 'org.freedesktop.DBus.Properties', member: 'Get', signature: 'ss', body: [of, name] }
  return await bus.call(call)
}
