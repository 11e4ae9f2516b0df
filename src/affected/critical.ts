import type { RebootReason } from '../model/index.ts'
import { criticalService } from '../policy/index.ts'
import type { Service } from '../services/service-manager.ts'
import type { ProcessFacts } from './process-facts.ts'

/** Why an application must not be stopped: the reason as the session reports it, and in words. */
export interface Critical {
  reason: RebootReason
  why: string
}

/** Who asks: the effective user, and the pids of the installers and of all above them. */
export interface Caller {
  uid: number
  installers: ReadonlySet<number>
}

export function criticalProcesses(group: ProcessFacts[], caller: Caller): Critical | null {
  for (const { identity, uid, firstOfNamespace } of group) {
    if (identity.pid === 1) return { reason: 'critical-process', why: 'it is the first process of this machine' }
    if (firstOfNamespace) return { reason: 'critical-process', why: 'it is the first process of a container' }
    if (caller.installers.has(identity.pid)) {
      return { reason: 'detected-self', why: 'it is the installer, or the installer was started from it' }
    }
    if (caller.uid !== 0 && uid !== caller.uid) {
      return { reason: 'permission-denied', why: `it runs as user ${uid}, and only root may stop it` }
    }
  }
  return null
}

/** `group`: the processes of the service. */
export function criticalServices(service: Service, group: ProcessFacts[], caller: Caller): Critical | null {
  if (group.some(({ identity }) => caller.installers.has(identity.pid))) {
    return { reason: 'detected-self', why: 'the installer runs in it, or was started from it' }
  }
  const why = criticalService(service.name)
  if (why !== null) return { reason: 'critical-service', why }
  if (service.notStoppable === null) return null
  return { reason: caller.uid === 0 ? 'critical-service' : 'permission-denied', why: service.notStoppable }
}
