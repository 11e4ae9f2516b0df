import { hasGraphicalSession } from '../linux/graphical-sessions.ts'
import { isShell } from '../linux/shells.ts'
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
import type { Policy } from '../policy/index.ts'
import type { ProcessManager } from '../processes/process-manager.ts'
import type { ServiceManager } from '../services/service-manager.ts'
import { processApplication, serviceApplication } from './applications.ts'
import { criticalProcesses, criticalServices, type Caller, type Critical } from './critical.ts'
import { groupProcesses } from './groups.ts'
import { readInstallers, sessionOf } from './installers.ts'
import { readFacts, readFactsOf, type ProcessFacts } from './process-facts.ts'
import { rulesOf, type Rules } from './rules.ts'
import { expandServices, isDown, isManagerFailure, type ManagedService, type NamedService } from './services.ts'

export interface AffectedContext {
  serviceManagers: ServiceManager[]
  processes: Pick<ProcessManager, 'restartability'>
  /** The processes that install: the caller, the session's owner and its participants. */
  installers: ProcessIdentity[]
  /** The administrator's rules. */
  policy: Policy
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
  rules: Rules
}

/** From the uses of files to the applications that have to be stopped, and whether stopping them would do. */
export async function affectedList(found: Found, context: AffectedContext): Promise<AffectedList> {
  const { serviceManagers, policy } = context
  const caller: Caller = {
    uid: effectiveUser(),
    installers: readInstallers(context.installers, serviceManagers),
    graphicalSession: hasGraphicalSession(),
  }
  const facts = await runInSlices(readAll([...found.detection.uses.map((use) => use.process), ...found.processes]))
  const { services, others, unreachable } = await sortOut(facts, found.services, serviceManagers)
  const groups = await runInSlices(groupProcesses(others, caller.installers.needed))
  const uses = Map.groupBy(found.detection.uses, (use) => use.process.pid)
  const userNames = readUserNames()
  const names = services.map(({ service }) => service.name)
  const rules = await rulesOf(policy, { serviceManagers, userNames, services: names })
  const shared = { uses, unreachable, context, caller, userNames, rules }
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
      for (const managed of expanded) if (!isDown(managed.service)) add(managed)
      const known = services.get(serviceKey(named.manager, named.name))
      if (!known || isDown(known.service)) others.push(...group)
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

function sessionOfFirst([first]: ProcessFacts[], { serviceManagers }: AffectedContext): string | null {
  return sessionOf(first?.controlGroup ?? null, serviceManagers)
}

function serviceRow({ manager, service }: ManagedService, shared: Shared): Row {
  const { uses, context, caller, userNames } = shared
  // What a service that is down has left behind is a program.
  const group = isDown(service) ? [] : service.processes.map(readFactsOf).filter((facts) => facts !== null)
  const rule = shared.rules(service.name, group)
  const critical = criticalServices(service, { group, rule, manager: manager.name }, caller)
  const session = sessionOfFirst(group, context)
  const parts = { group, uses: usesOf(group, uses), critical, rule, session, userNames }
  return { application: serviceApplication(parts, service, manager.name), critical }
}

function processRow(members: ProcessFacts[], shared: Shared): Row {
  const { uses, unreachable, context, caller, userNames } = shared
  const group = mainFirst(members, context)
  const [main] = group as [ProcessFacts, ...ProcessFacts[]]
  const session = sessionOfFirst(group, context)
  const rule = shared.rules(null, group)
  const critical = criticalProcesses({ group, session, rule }, caller) ?? outOfReach(unreachable.get(main.identity.pid))
  const parts = { group, uses: usesOf(group, uses), critical, rule, session, userNames }
  const restartability = context.processes.restartability(main.identity, { allowed: rule?.action === 'restart' })
  return { application: processApplication(parts, main, restartability), critical }
}

/** A launcher and its program (`#!/bin/sh … program "$@"`): where that alone has registered for restart, it stands for both. */
function mainFirst(group: ProcessFacts[], { processes }: AffectedContext): ProcessFacts[] {
  const [script] = group
  if (!script || !isShell(script.executable, script.command)) return group
  const registered = group.filter(({ identity }) => 'record' in processes.restartability(identity, { allowed: false }))
  const [main] = registered
  return main && registered.length === 1 ? [main, ...group.filter((member) => member !== main)] : group
}

/** `why`: the service manager of a process cannot be asked. */
function outOfReach(why: string | undefined): Critical | null {
  return why === undefined ? null : { reason: 'permission-denied', why, cure: 'by-hand', overridable: false }
}

function usesOf(group: ProcessFacts[], uses: Map<number, FileUse[]>): FileUse[] {
  return group.flatMap(({ identity }) => uses.get(identity.pid) ?? [])
}
