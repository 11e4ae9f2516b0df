import { OperationError } from '../errors/index.ts'
import {
  applicationKey,
  describeErrors,
  type AffectedApplication,
  type ApplicationResult,
  type ShutdownResult,
  type Timeouts,
} from '../model/index.ts'
import { startApplications } from '../restart/index.ts'
import type { ToStop } from '../shutdown/index.ts'
import type { ApplicationRecord } from '../store/session-store.ts'
import { queueStart, standingOf } from './down.ts'
import { livesOn } from './lives-on.ts'
import type { Operation } from './operation.ts'

export interface StartedAgain {
  started: ApplicationResult[]
  /** Services that go on stopping: their manager starts them when that is done. */
  queued: AffectedApplication[]
}

/**
 * Half a shutdown helps nobody: what was stopped is started again, also when the caller has cancelled meanwhile. `held`: who
 * uses the files all the same.
 */
export async function startAgain(
  { stored, doorways }: Operation,
  items: ToStop[],
  timeouts: Required<Timeouts>,
  held: ApplicationResult[],
): Promise<StartedAgain> {
  const ids = new Set(items.map(({ id }) => id))
  const records = (await stored.applications()).filter(({ id, application }) => ids.has(id) && application.restartable)
  const back = held.map(({ application }) => application)
  const toStart: ApplicationRecord[] = []
  const queued: AffectedApplication[] = []
  for (const record of records) {
    const standing = await standingOf(record, doorways)
    const again = back.findIndex((one) => isSameProgram(one, record.application))
    // Somebody else has started it already: a second one must not be.
    if (again >= 0) {
      back.splice(again, 1)
      await stored.addStatus(record.id, 'running')
    } else if (standing === 'down') toStart.push(record)
    else if (standing === 'asked' && (await queueStart(record, doorways))) queued.push(record.application)
  }
  const started = await startApplications(toStart, {
    ...doorways,
    timeouts,
    signal: new AbortController().signal,
    made: (id, process) => stored.setMade(id, process),
    settled: (id, result) => stored.addStatus(id, result.outcome),
  })
  return { started, queued }
}

function isSameProgram(a: AffectedApplication, b: AffectedApplication): boolean {
  if (a.service !== null || b.service !== null) return applicationKey(a) === applicationKey(b)
  return a.executable === b.executable && a.user.uid === b.user.uid && a.command.join('\0') === b.command.join('\0')
}

/** What the caller is told of a shutdown that did not succeed as a whole. */
export function shutdownFailure(result: ShutdownResult, queued: AffectedApplication[]): OperationError<ShutdownResult> {
  const why = [describeErrors(result.applications)]
  const names = (outcome: ApplicationResult['outcome']) =>
    result.restartedAfterFailure.filter((one) => one.outcome === outcome).map(({ application }) => application.name)
  const again = names('restarted')
  const lost = names('error-on-restart')
  const down = result.applications.filter(
    ({ outcome, application }) => outcome === 'stopped' && !application.restartable,
  )
  if (again.length > 0) why.push(`started again: ${again.join(', ')}`)
  if (queued.length > 0) why.push(`will be started when it has stopped: ${queued.map(({ name }) => name).join(', ')}`)
  if (lost.length > 0) why.push(`stopped and not back: ${lost.join(', ')}`)
  if (down.length > 0)
    why.push(`stopped, and stays down: ${down.map(({ application }) => application.name).join(', ')}`)
  return new OperationError('FAIL_SHUTDOWN', `Not everything was stopped: ${why.join('; ')}`, result, {
    hint: isLeft(result)
      ? 'Let it finish, or end it too: force, restartctl --force'
      : 'Allow it to be killed: force, restartctl --force',
  })
}

/** All that is in the way are processes that the units of stopped services let live. */
function isLeft({ applications }: ShutdownResult): boolean {
  const failed = applications.filter(({ error }) => error !== null)
  return failed.every(({ application }) => livesOn(application.uses, applications) !== null)
}
