import { OperationError } from '../errors/index.ts'
import type { AffectedApplication, ApplicationResult, ShutdownResult, Timeouts } from '../model/index.ts'
import { startApplications } from '../restart/index.ts'
import type { Operation } from './operation.ts'

/**
 * Half a shutdown helps nobody: what was stopped is started again, also when the caller has cancelled meanwhile. A service
 * that did not stop in time may still stop later: for that case a start is queued behind, and not waited for.
 */
export async function startAgain(
  { stored, doorways }: Operation,
  items: { id: number; application: AffectedApplication }[],
  timeouts: Required<Timeouts>,
): Promise<ApplicationResult[]> {
  const ids = new Set(items.map(({ id }) => id))
  const records = (await stored.applications()).filter(({ id, application }) => ids.has(id) && application.restartable)
  const given = records.filter(({ status }) => status.at(-1) === 'error-on-stop')
  await Promise.all(given.map(({ application }) => queueStart(application, doorways)))
  const stopped = records.filter(({ status }) => status.at(-1) === 'stopped')
  return startApplications(stopped, {
    ...doorways,
    timeouts,
    signal: new AbortController().signal,
    settled: (id, result) => stored.addStatus(id, result.outcome),
  })
}

async function queueStart(application: AffectedApplication, { serviceManagers }: Operation['doorways']): Promise<void> {
  const manager = serviceManagers.find(({ name }) => name === application.serviceManager)
  if (application.service === null) return
  // Its row already says what is wrong with it; that it is not up yet is no news.
  await manager?.start(application.service, { timeoutMs: 0 }).catch(() => undefined)
}

/** What the caller is told of a shutdown that did not succeed as a whole. */
export function shutdownFailure(result: ShutdownResult): OperationError<ShutdownResult> {
  const why = result.applications
    .filter(({ error }) => error !== null)
    .map(({ application, error }) => `${application.name}: ${String(error)}`)
  const names = (outcome: ApplicationResult['outcome']) =>
    result.restartedAfterFailure.filter((one) => one.outcome === outcome).map(({ application }) => application.name)
  const again = names('restarted')
  const lost = names('error-on-restart')
  const down = result.applications.filter(
    ({ outcome, application }) => outcome === 'stopped' && !application.restartable,
  )
  if (again.length > 0) why.push(`started again: ${again.join(', ')}`)
  if (lost.length > 0) why.push(`stopped and not back: ${lost.join(', ')}`)
  if (down.length > 0)
    why.push(`stopped, and stays down: ${down.map(({ application }) => application.name).join(', ')}`)
  return new OperationError('FAIL_SHUTDOWN', `Not everything was stopped: ${why.join('; ')}`, result, {
    hint: 'Allow it to be killed: force, restartctl --force',
  })
}
