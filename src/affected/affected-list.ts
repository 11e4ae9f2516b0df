import { readAncestors } from '../linux/process-tree.ts'
import { effectiveUser, readUserNames } from '../linux/users.ts'
import {
  rebootReasons,
  type AffectedApplication,
  type AffectedList,
  type FileUse,
  type ProcessIdentity,
  type RebootReason,
} from '../model/index.ts'
import { runInSlices, type Detection } from '../detection/index.ts'
import type { ProcessManager } from '../processes/process-manager.ts'
import type { ServiceManager } from '../services/service-manager.ts'
import { processApplication, serviceApplication } from './applications.ts'
import { criticalProcesses, criticalServices, type Caller, type Critical } from './critical.ts'
import { groupProcesses } from './groups.ts'
import { readFacts, readFactsOf, type ProcessFacts } from './process-facts.ts'
import { expandServices, isManagerFailure, type ManagedService, type NamedService } from './services.ts'

export interface AffectedContext {
  serviceManagers: ServiceManager[]
  processes: Pick<ProcessManager, 'restartability'>
  /** The processes that install: the caller, the session's owner and its participants. */
  installers: ProcessIdentity[]
}

/** What is affected: what uses the files, and what was registered itself. */
export interface Found {
  detection: Detection
  processes: ProcessIdentity[]
  services: NamedService[]
}

interface Row {
  application: AffectedApplication
  critical: Critical | null
}

/** What every row is made with. */
interface Shared {
  uses: Map<number, FileUse[]>
  /** Why the service manager of a process could not be asked, by pid. */
  unreachable: Map<number, string>
  context: AffectedContext
  caller: Caller
  userNames: ReadonlyMap<number, string>
}

/** From the uses of files to the applications that have to be stopped, and whether stopping them would do. */
export async function affectedList(found: Found, context: AffectedContext): Promise<AffectedList> {
  const caller: Caller = {
    uid: effectiveUser(),
    installers: new Set(context.installers.flatMap(({ pid }) => readAncestors(pid))),
  }
  const facts = await runInSlices(readAll([...found.detection.uses.map((use) => use.process), ...found.processes]))
  const { services, others, unreachable } = await sortOut(facts, found.services, context.serviceManagers)
  const groups = await runInSlices(groupProcesses(others, caller.installers))
  const uses = Map.groupBy(found.detection.uses, (use) => use.process.pid)
  const shared = { uses, unreachable, context, caller, userNames: readUserNames() }
  const rows = await runInSlices(makeRows(services, groups, shared))
  const reasons = new Set(rows.flatMap(({ critical }) => (critical ? [critical.reason] : [])))
  return {
    applications: rows.map(({ application }) => application).sort((a, b) => a.process.pid - b.process.pid),
    rebootReasons: rebootReasons.filter((reason: RebootReason) => reasons.has(reason)),
    uninspected: found.detection.uninspected,
    heldByUnknown: found.detection.heldByUnknown,
    unreadable: found.detection.unreadable,
  }
}

function* readAll(identities: ProcessIdentity[]): Generator<void, ProcessFacts[]> {
  const facts = new Map<number, ProcessFacts>()
  for (const identity of identities) {
    if (facts.has(identity.pid)) continue
    const read = readFacts(identity)
    if (read) facts.set(identity.pid, read)
    yield
  }
  return [...facts.values()]
}

function* makeRows(services: ManagedService[], groups: ProcessFacts[][], shared: Shared): Generator<void, Row[]> {
  const rows: Row[] = []
  for (const managed of services) {
    rows.push(serviceRow(managed, shared))
    yield
  }
  for (const group of groups) {
    rows.push(processRow(group, shared))
    yield
  }
  return rows
}

/**
 * Puts the processes that belong to a service that is up with it. The others: those of no service, those left over by one
 * that is down, and those whose service manager cannot be asked; for these `unreachable` says why, by pid.
 */
async function sortOut(facts: ProcessFacts[], registered: NamedService[], managers: ServiceManager[]) {
  const services = new Map<string, ManagedService>()
  const add = (managed: ManagedService) => services.set(serviceKey(managed.manager, managed.service.name), managed)
  for (const managed of await expandServices(registered)) add(managed)
  const others: ProcessFacts[] = []
  const unreachable = new Map<number, string>()
  for (const { named, group } of byService(facts, managers)) {
    if (!named) {
      others.push(...group)
      continue
    }
    try {
      const expanded = await expandServices([named])
      for (const managed of expanded) add(managed)
      if (!services.has(serviceKey(named.manager, named.name))) others.push(...group)
    } catch (error) {
      if (!isManagerFailure(error)) throw error
      others.push(...group)
      for (const { identity } of group) unreachable.set(identity.pid, `it belongs to ${named.name}: ${error.message}`)
    }
  }
  return { services: [...services.values()], others, unreachable }
}

function byService(facts: ProcessFacts[], managers: ServiceManager[]) {
  const groups = new Map<string | null, { named: NamedService | null; group: ProcessFacts[] }>()
  for (const one of facts) {
    const named = serviceOf(one.controlGroup, managers)
    const key = named && serviceKey(named.manager, named.name)
    const group = groups.get(key)?.group ?? []
    group.push(one)
    groups.set(key, { named, group })
  }
  return groups.values()
}

function serviceKey(manager: ServiceManager, name: string): string {
  return `${manager.name} ${name}`
}

function serviceOf(controlGroup: string | null, managers: ServiceManager[]): NamedService | null {
  if (controlGroup === null) return null
  for (const manager of managers) {
    const { service } = manager.membershipOf(controlGroup)
    if (service !== null) return { manager, name: service }
  }
  return null
}

function sessionOf(facts: ProcessFacts | undefined, { serviceManagers }: AffectedContext): string | null {
  const controlGroup = facts?.controlGroup ?? null
  if (controlGroup === null) return null
  return serviceManagers.map((manager) => manager.membershipOf(controlGroup).session).find((id) => id !== null) ?? null
}

function serviceRow({ manager, service }: ManagedService, { uses, context, caller, userNames }: Shared): Row {
  const group = service.processes.map(readFactsOf).filter((facts) => facts !== null)
  const critical = criticalServices(service, group, caller)
  const parts = { group, uses: usesOf(group, uses), critical, session: sessionOf(group[0], context), userNames }
  return { application: serviceApplication(parts, service, manager.name), critical }
}

function processRow(group: ProcessFacts[], { uses, unreachable, context, caller, userNames }: Shared): Row {
  const [main] = group as [ProcessFacts, ...ProcessFacts[]]
  const why = unreachable.get(main.identity.pid)
  const critical =
    criticalProcesses(group, caller) ?? (why === undefined ? null : { reason: 'permission-denied' as const, why })
  const parts = { group, uses: usesOf(group, uses), critical, session: sessionOf(main, context), userNames }
  return { application: processApplication(parts, main, context.processes.restartability(main.identity)), critical }
}

function usesOf(group: ProcessFacts[], uses: Map<number, FileUse[]>): FileUse[] {
  return group.flatMap(({ identity }) => uses.get(identity.pid) ?? [])
}
