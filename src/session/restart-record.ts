import type { AffectedApplication } from '../model/index.ts'
import type { RestartRecord } from '../store/session-store.ts'
import type { Doorways } from './doorways.ts'

/** What is needed to start an application again; null for services, which their manager knows, and for what cannot be started again. */
export function restartRecord(application: AffectedApplication, { processes }: Doorways): RestartRecord {
  if (application.service !== null) return null
  const restartability = processes.restartability(application.process)
  return 'record' in restartability ? restartability.record : null
}
