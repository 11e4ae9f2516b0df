import { affectedList } from '../affected/index.ts'
import { detectStale, detectUses, type Detection } from '../detection/index.ts'
import {
  processKey,
  sameProcess,
  type AffectedApplication,
  type AffectedList,
  type FileUse,
  type InPlaceOptions,
  type ProcessIdentity,
} from '../model/index.ts'
import { contextOf, findAll, ofOthers } from './affected.ts'
import { identifyProcess } from '../processes/index.ts'
import type { Doorways } from './doorways.ts'
import type { Operation } from './operation.ts'

type Part = Pick<Operation, 'stored' | 'doorways' | 'signal'>

/** What was registered itself. */
type Named = Pick<Parameters<typeof affectedList>[0], 'processes' | 'services'>

export interface OutOfDate {
  list: AffectedList
  /** Of the list those that use an old version or were registered themselves; the others only go down with one of them. */
  targets: AffectedApplication[]
}

/** Who uses old versions now: of what is registered and, with `stale`, of anything on this machine. */
export async function usersOfOld(
  { stored, doorways, signal }: Part,
  { stale = false, before }: Pick<InPlaceOptions, 'stale' | 'before'> = {},
  named: Named = { processes: [], services: [] },
): Promise<OutOfDate> {
  const { files, directories } = await stored.resources()
  const looks = [await detectUses({ files, directories }, { signal, probe: 'off' })]
  if (stale) looks.push(await detectStale(signal))
  const detection = ofOthers(together(looks, before), doorways)
  const all = await affectedList({ detection, ...named }, await contextOf(stored, doorways))
  // Nothing of a service that is down is old.
  const list = { ...all, applications: all.applications.filter(({ down }) => !down) }
  const isNamed = (one: AffectedApplication) =>
    named.services.some(({ manager, name }) => manager.name === one.serviceManager && name === one.service) ||
    named.processes.some((process) => one.processes.some((member) => sameProcess(member, process)))
  return { list, targets: list.applications.filter((one) => one.uses.length > 0 || isNamed(one)) }
}

/**
 * The same, and the processes and services that were registered themselves and have not been started anew since `running` was
 * listed. What this session has started again itself is new.
 */
export async function outOfDate(
  operation: Part,
  options: Pick<InPlaceOptions, 'stale' | 'before'>,
  running: AffectedList | undefined = options.before,
): Promise<OutOfDate> {
  const { stored, doorways } = operation
  const { processes, services: names } = await stored.resources()
  const restarted = (await stored.applications())
    .filter(({ status }) => status.at(-1) === 'restarted')
    .map(({ application }) => application)
  const asked = names.filter((name) => !restarted.some(({ service }) => service === name))
  const services = (await findAll(asked, doorways.serviceManagers)).filter(
    ({ manager, name, mainPid }) =>
      !restarted.some(({ serviceManager, service }) => serviceManager === manager.name && service === name) &&
      isUnchanged(manager.name, name, mainPid, running, doorways),
  )
  return usersOfOld(operation, options, { processes, services })
}

/** All old versions in use, each once, without those that were in use before. */
function together(looks: Detection[], before: AffectedList | undefined): Detection {
  const known = new Set(before?.applications.flatMap(({ uses }) => uses.filter(({ replaced }) => replaced).map(useKey)))
  const uses = new Map<string, FileUse>()
  for (const use of looks.flatMap((look) => look.uses)) {
    if (use.replaced && !known.has(useKey(use))) uses.set(useKey(use), use)
  }
  const all = looks.flatMap((look) => look.uninspected)
  const uninspected = new Map(all.map((one) => [processKey(one.process), one]))
  return {
    uses: [...uses.values()],
    uninspected: [...uninspected.values()],
    unreadable: looks.flatMap(({ unreadable }) => unreadable),
    heldByUnknown: [],
  }
}

function useKey({ path, as, process }: FileUse): string {
  return `${processKey(process)} ${as} ${path}`
}

/** Whether a service runs in the process in which it ran then. */
function isUnchanged(
  manager: string,
  name: string,
  mainPid: number | null,
  running: AffectedList | undefined,
  { processes }: Doorways,
): boolean {
  if (!running) return true
  const then = running.applications.find(
    ({ serviceManager, service }) => serviceManager === manager && service === name,
  )
  const now: ProcessIdentity | null = mainPid === null ? null : processes.identify(mainPid)
  if (!then) return now !== null && now.startTime < identifyProcess(process.pid).startTime
  // One that has no process counts as up without one, and of several processes systemd may know no main one.
  if (now === null) return then.process.pid === 0 || processes.isRunning(then.process)
  return sameProcess(now, then.process)
}
