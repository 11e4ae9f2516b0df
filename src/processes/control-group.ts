import { setTimeout as delay } from 'node:timers/promises'
import { controlGroupExists, joinControlGroup } from '../linux/control-group.ts'
import { readContext, type ControlGroup } from '../linux/process-context.ts'
import { effectiveUser } from '../linux/users.ts'
import { reasonOf, runTool } from './tool.ts'

/** The user and group of a program. */
export interface Owner {
  uid: number
  gid: number
}

/**
 * Puts a process that waits where the program was: into the very control group while it is there, else into a new scope in
 * the same slice, as systemd removes a scope with its last process. Answers what could not be given, for a person.
 */
export async function giveControlGroups(pid: number, owner: Owner, wanted: ControlGroup[]): Promise<string[]> {
  const missing: string[] = []
  for (const group of elsewhere(pid, wanted)) {
    try {
      if (controlGroupExists(group)) joinControlGroup(pid, group)
      else if (isSystemds(group, wanted)) await makeScope(pid, owner, group)
      else throw new Error(gone)
    } catch (error) {
      if (isSystemds(group, wanted)) missing.push(`its control group ${group.path} (${reasonOf(error)})`)
    }
  }
  return missing
}

/** Those in which the process is not. */
function elsewhere(pid: number, wanted: ControlGroup[]): ControlGroup[] {
  const now = readContext(pid)?.controlGroups ?? []
  return wanted.filter(({ hierarchy, path }) => now.some((one) => one.hierarchy === hierarchy && one.path !== path))
}

/** As for `readControlGroup`: of a hybrid machine the hierarchy of version 1 counts. */
function isSystemds({ hierarchy }: ControlGroup, all: ControlGroup[]): boolean {
  return hierarchy === 'name=systemd' || (hierarchy === '' && !all.some((one) => one.hierarchy === 'name=systemd'))
}

const gone = 'it is gone'
/** How long systemd may take to make a scope. */
const scopeMs = 5000
const intervalMs = 5

/**
 * A scope is made by the manager of its slice: that of a user beneath `user@UID.service`, else that of the machine. Under its old
 * name, unless logind gave it that.
 */
async function makeScope(pid: number, owner: Owner, { path }: ControlGroup): Promise<void> {
  const parts = path.split('/')
  const name = parts.at(-1) ?? ''
  const slice = parts.at(-2) ?? ''
  if (!name.endsWith('.scope')) throw new Error(gone)
  const user = /^user@(\d+)\.service$/.exec(parts.find((part) => part.startsWith('user@')) ?? '')?.[1]
  const scope = /^session-/.test(name) ? `restarted-${pid}.scope` : name
  await call(user === undefined ? null : Number(user), owner, [
    ...['StartTransientUnit', 'ssa(sv)a(sa(sv))', scope, 'fail', '2', 'PIDs', 'au', '1', `${pid}`],
    ...['Slice', 's', slice.endsWith('.slice') ? slice : '-.slice', '0'],
  ])
  const deadline = performance.now() + scopeMs
  while (readContext(pid)?.controlGroups.every((group) => !group.path.endsWith(`/${scope}`)) ?? false) {
    if (performance.now() > deadline) throw new Error(`systemd did not make ${scope} within ${scopeMs / 1000} s`)
    await delay(intervalMs)
  }
}

/** Root speaks to a user's manager as that user, and only of that user's processes. */
async function call(manager: number | null, { uid, gid }: Owner, method: string[]): Promise<void> {
  const object = ['org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager']
  if (manager === null) return runTool(['busctl', '--system', '--', 'call', ...object, ...method])
  if (manager !== uid) throw new Error(`it belongs to user ${manager}`)
  const ask = ['busctl', `--address=unix:path=/run/user/${uid}/bus`, '--', 'call', ...object, ...method] as const
  if (effectiveUser() === uid) return runTool([...ask])
  return runTool(['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--', ...ask])
}
