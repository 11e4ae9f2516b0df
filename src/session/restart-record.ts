import type { AffectedApplication } from '../model/index.ts'
import type { RestartPolicy } from '../processes/process-manager.ts'
import type { RestartRecord } from '../store/session-store.ts'
import type { Doorways } from './doorways.ts'

/** What is needed to start an application again; null for services, which their manager knows, and for what cannot be started again. */
export function restartRecord(application: AffectedApplication, { processes }: Doorways): RestartRecord {
  if (application.service !== null) return null
  const restartability = processes.restartability(application.process, restartPolicyOf(application))
  return 'record' in restartability ? restartability.record : null
}

/** Whether the policy lets an application be started again that has not registered, as it said when it was looked at. */
export function restartPolicyOf({ rule }: AffectedApplication): RestartPolicy {
  return { allowed: rule?.action === 'restart' }
}
