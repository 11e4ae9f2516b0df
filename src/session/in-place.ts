import { OperationError } from '../errors/index.ts'
import {
  applicationKey,
  describeErrors,
  type InPlaceOptions,
  type InPlacePlan,
  type InPlaceResult,
} from '../model/index.ts'
import { resolvedFilters } from './filters.ts'
import { leftOver } from './left-over.ts'
import { obstaclesIn } from './obstacles.ts'
import { runOperation, type SessionParts } from './operation.ts'
import { timeoutsOf } from './options.ts'
import { outOfDate, type OutOfDate } from './out-of-date.ts'
import { restartAtOnce } from './restart-at-once.ts'

/**
 * Restarts whoever uses an old version, when the files have been changed already, and what was registered itself. Best
 * effort: what must not be stopped, does not agree, or would not come back, is left alone and is in `remaining`.
 */
export function restartInPlace(session: SessionParts, options: InPlaceOptions): Promise<InPlaceResult> {
  const timeouts = timeoutsOf(options.timeouts)
  return runOperation(session, 'restart', options, async (operation) => {
    const { stored, doorways, signal } = operation
    const filters = await resolvedFilters(stored, doorways)
    const old = await outOfDate(operation, options)
    const plan = planOf(old, obstaclesIn(old.list, filters))
    const wanted = !options.confirm || (await options.confirm(plan, signal))
    signal.throwIfAborted()
    const applications = wanted ? await restartAtOnce(operation, plan.restart, timeouts) : []
    const after = await outOfDate(operation, options, old.list)
    const result = { applications, ...leftOver(after, obstaclesIn(after.list, filters), applications) }
    if (applications.some(({ outcome }) => outcome.startsWith('error-'))) throw failure(result)
    return result
  })
}

function planOf(old: OutOfDate, obstacles: ReturnType<typeof obstaclesIn>): InPlacePlan {
  const able = old.targets.filter((one) => !obstacles(one))
  const along = new Set(
    able.flatMap(({ serviceManager, dependents }) => dependents.map((one) => `${String(serviceManager)} ${one}`)),
  )
  const keys = new Set(able.map(applicationKey))
  const restart = old.list.applications.filter((one) => keys.has(applicationKey(one)) || along.has(applicationKey(one)))
  const left = { list: old.list, targets: old.targets.filter((one) => !keys.has(applicationKey(one))) }
  return { restart, ...leftOver(left, obstacles, []) }
}

function failure(result: InPlaceResult): OperationError<InPlaceResult> {
  const why = describeErrors(result.applications)
  return new OperationError('FAIL_RESTART', `Not everything was restarted in place: ${why}`, result)
}
