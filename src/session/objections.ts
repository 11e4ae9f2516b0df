import { explainCritical, remedies } from '../affected/index.ts'
import { OperationError } from '../errors/index.ts'
import {
  describeErrors,
  untouchedResult,
  type AffectedApplication,
  type AffectedList,
  type ApplicationResult,
  type ShutdownOptions,
} from '../model/index.ts'
import type { Asked } from '../shutdown/index.ts'
import type { Operation } from './operation.ts'

/** Reboot reasons stop a shutdown before anything is stopped, and so does an application that may not be lost. */
export function assertStoppable(
  list: AffectedList,
  toStop: AffectedApplication[],
  { onlyRegistered = false }: ShutdownOptions,
): void {
  const result = {
    applications: list.applications.map((one) => untouchedResult(one, 'running')),
    restartedAfterFailure: [],
  }
  if (list.rebootReasons.length > 0) {
    const why = explainCritical(list.applications).join('; ')
    throw new OperationError(
      'REBOOT_REQUIRED',
      `Nothing was stopped, as only a reboot frees the resources: ${why}`,
      result,
      { hint: `What helps: ${[...remedies(list.applications), 'see who uses what: restartctl list'].join('; ')}` },
    )
  }
  const lost = toStop.filter((one) => !one.restartable)
  if (!onlyRegistered || lost.length === 0) return
  const why = lost.map((one) => `${one.name} (process ${one.process.pid}): ${String(one.notRestartable)}`).join('; ')
  throw new OperationError(
    'FAIL_SHUTDOWN',
    `Nothing was stopped, as not everything could be started again: ${why}`,
    result,
  )
}

/** Whom a shutdown is about, and what they said. */
export interface Objections {
  list: AffectedList
  /** Those that a filter spares. */
  masked: AffectedApplication[]
  affected: AffectedApplication[]
  asked: Asked
}

/**
 * Rejects with FAIL_SHUTDOWN where an application refuses to end: nothing is stopped. Who refused is on record, as running
 * since: nobody has told it to end.
 */
export async function assertAgreed({ stored, progress }: Operation, objections: Objections): Promise<void> {
  const { list, masked, affected, asked } = objections
  const refusing = affected.filter((one) => asked.refusalOf(one) !== null)
  if (refusing.length === 0) return
  const applications = list.applications.map((application): ApplicationResult => {
    if (masked.includes(application)) return untouchedResult(application, 'shutdown-masked')
    if (!refusing.includes(application)) return untouchedResult(application, 'running')
    return { ...untouchedResult(application, 'error-on-stop'), error: asked.refusalOf(application) }
  })
  applications.forEach((one) => progress.settled(one))
  await stored.addApplications(
    refusing.map((application) => ({
      application,
      status: ['running', 'error-on-stop', 'running'],
      restartRecord: null,
    })),
  )
  const result = { applications, restartedAfterFailure: [] }
  throw new OperationError('FAIL_SHUTDOWN', `Nothing was stopped: ${describeErrors(applications)}`, result, {
    hint: 'Let it finish what it is doing, or end it all the same: force, restartctl --force',
  })
}
