import { readControlGroup } from '../linux/process-details.ts'
import { readAncestors } from '../linux/process-tree.ts'
import type { ProcessIdentity } from '../model/index.ts'
import type { ServiceManager } from '../services/service-manager.ts'

/** The installers, as far as it matters who may not be stopped. */
export interface Installers {
  /** Their pids and those of all whom they need: the processes that started them, up to where their login session begins. */
  needed: ReadonlySet<number>
  /** The pids above those. */
  above: ReadonlySet<number>
  /** The login sessions in which they run. */
  sessions: ReadonlySet<string>
  /** The names of the service managers in whose services they, or those whom they need, run. */
  managers: ReadonlySet<string>
}

/**
 * Whoever lies above a login session is not needed any more: logind puts a session into a control group of its own
 * (`session-N.scope`, systemd.scope(5)), which outlives the service that somebody logged in through, as sshd.
 */
export function readInstallers(processes: ProcessIdentity[], serviceManagers: ServiceManager[]): Installers {
  const needed = new Set<number>()
  const above = new Set<number>()
  const sessions = new Set<string>()
  const managers = new Set<string>()
  for (const { pid } of processes) {
    const own = sessionOf(readControlGroup(pid), serviceManagers)
    if (own !== null) sessions.add(own)
    let beneath: string | null = null
    const ancestors = readAncestors(pid)
    for (const [index, ancestor] of ancestors.entries()) {
      const controlGroup = readControlGroup(ancestor)
      const session = sessionOf(controlGroup, serviceManagers)
      // Where it cannot be seen it may be part of the session.
      if (beneath !== null && controlGroup !== null && session !== beneath) {
        for (const one of ancestors.slice(index)) above.add(one)
        break
      }
      needed.add(ancestor)
      for (const manager of serviceManagers) if (isOf(manager, controlGroup)) managers.add(manager.name)
      beneath = session ?? beneath
    }
  }
  return { needed, above, sessions, managers }
}

function isOf(manager: ServiceManager, controlGroup: string | null): boolean {
  return controlGroup !== null && manager.membershipOf(controlGroup).service !== null
}

/** The login session that a control group belongs to; null where it belongs to none. */
export function sessionOf(controlGroup: string | null, managers: ServiceManager[]): string | null {
  if (controlGroup === null) return null
  return managers.map((manager) => manager.membershipOf(controlGroup).session).find((id) => id !== null) ?? null
}
