import type { Bus } from './bus.ts'

const manager = { path: '/org/freedesktop/systemd1', interface: 'org.freedesktop.systemd1.Manager' }
const killSignal = 9

/** The object path of a unit; loads its definition, and answers for one that has none too. */
export async function loadUnit(bus: Bus, name: string): Promise<string> {
  return (await bus.call({ ...manager, member: 'LoadUnit', signature: 's', body: [name] })) as string
}

/** Puts a stop or start job in the queue and answers its object path; a job that contradicts it is cancelled. */
export async function queueJob(bus: Bus, verb: 'stop' | 'start', name: string): Promise<string> {
  const member = verb === 'stop' ? 'StopUnit' : 'StartUnit'
  return (await bus.call({ ...manager, member, signature: 'ss', body: [name, 'replace'] })) as string
}

/** Takes a job out of the queue; one that is being carried out is only forgotten, the unit goes on. */
export async function cancelJob(bus: Bus, job: string): Promise<void> {
  await bus.call({ path: job, interface: 'org.freedesktop.systemd1.Job', member: 'Cancel' })
}

/** SIGKILL for every process of the unit. */
export async function killUnit(bus: Bus, name: string): Promise<void> {
  await bus.call({ ...manager, member: 'KillUnit', signature: 'ssi', body: [name, 'all', killSignal] })
}

/** Turns `failed` into `inactive`. */
export async function resetFailed(bus: Bus, name: string): Promise<void> {
  await bus.call({ ...manager, member: 'ResetFailedUnit', signature: 's', body: [name] })
}

/** The pids in the control group of a unit and in the groups beneath it; those this PID namespace has no number for are left out. */
export async function unitPids(bus: Bus, name: string): Promise<number[]> {
  const rows = await bus.call({ ...manager, member: 'GetUnitProcesses', signature: 's', body: [name] })
  return (rows as [group: string, pid: number, command: string][]).map(([, pid]) => pid).filter((pid) => pid > 0)
}

/** All properties of one interface of a unit; the manager knows which ones. */
export async function allProperties(bus: Bus, path: string, of: string): Promise<Record<string, unknown>> {
  const call = { path, interface: 'org.freedesktop.DBus.Properties', member: 'GetAll', signature: 's', body: [of] }
  return (await bus.call(call)) as Record<string, unknown>
}

/** One property of a service: `MainPID`, `Type`, `Result`, ... */
export async function serviceProperty(bus: Bus, path: string, name: string): Promise<unknown> {
  const body = ['org.freedesktop.systemd1.Service', name]
  const call = { path, interface: 'org.freedesktop.DBus.Properties', member: 'Get', signature: 'ss', body }
  return await bus.call(call)
}

/** The control group the manager itself is in: `/user.slice/user-1000.slice/user@1000.service` for a user's, empty for the machine's. */
export async function managerControlGroup(bus: Bus): Promise<string> {
  const { path } = manager
  const call = { path, interface: 'org.freedesktop.DBus.Properties', member: 'Get', signature: 'ss' }
  return (await bus.call({ ...call, body: [manager.interface, 'ControlGroup'] })) as string
}
