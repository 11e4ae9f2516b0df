import { applicationKey, type AffectedApplication, type ApplicationStatus } from '../model/index.ts'
import type { ProcessManager } from '../processes/process-manager.ts'
import type { ApplicationRecord } from '../store/session-store.ts'

/**
 * The applications that are affected now, each with what the session has done to it, and behind them those that run no
 * longer. Every status once, as on Windows, where they are the bits of a mask.
 */
export function withHistory(
  current: AffectedApplication[],
  records: ApplicationRecord[],
  processes: Pick<ProcessManager, 'isRunning'>,
): AffectedApplication[] {
  const history = Map.groupBy(records, ({ application }) => applicationKey(application))
  const applications = current.map((application) => {
    const past = history.get(applicationKey(application)) ?? []
    history.delete(applicationKey(application))
    return { ...application, status: distinct([...past.flatMap(({ status }) => status), 'running']) }
  })
  for (const past of history.values()) {
    const [last] = past.slice(-1) as [ApplicationRecord]
    const status = past.flatMap((record) => record.status)
    if (endedUnasked(last, processes)) status.push('stopped-other')
    applications.push({ ...last.application, status: distinct(status) })
  }
  return applications
}

function endedUnasked(
  { application, status }: ApplicationRecord,
  processes: Pick<ProcessManager, 'isRunning'>,
): boolean {
  return status.at(-1) === 'running' && application.service === null && !processes.isRunning(application.process)
}

function distinct(status: ApplicationStatus[]): ApplicationStatus[] {
  return [...new Set(status)]
}
