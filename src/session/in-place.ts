import { OperationError } from '../errors/index.ts'
import {
  describeErrors,
  untouchedResult,
  type AffectedApplication,
  type InPlaceResult,
  type RestartOptions,
} from '../model/index.ts'
import { startApplications } from '../restart/index.ts'
import { askApplications, stopApplications } from '../shutdown/index.ts'
import { affectedNow } from './affected.ts'
import { queueStart, withStanding } from './down.ts'
import { filterActionFor, resolvedFilters } from './filters.ts'
import { runOperation, type SessionParts } from './operation.ts'
import { timeoutsOf } from './options.ts'
import { restartRecord } from './restart-record.ts'
import { asItIsNow } from './shutdown.ts'

/**
 * Stops and starts again at once whoever still uses the old version of a registered file, when the files have been changed
 * already. Best effort: what may not be stopped, or would not come back, is left alone and is in `remaining`.
 */
export function restartInPlace(session: SessionParts, options: RestartOptions): Promise<InPlaceResult> {
  const timeouts = timeoutsOf(options.timeouts)
  return runOperation(session, 'restart', options, async (operation) => {
    const { stored, doorways, signal, progress } = operation
    const filters = await resolvedFilters(stored, doorways)
    const old = (await affectedNow(stored, doorways, { signal, probe: 'off' })).applications.filter(usesOldVersion)
    const able = old.filter((one) => one.critical === null && one.restartable && filterActionFor(one, filters) === null)
    progress.begin(able.length)
    const context = { ...doorways, timeouts, signal }
    const asked = await askApplications(able, context)
    const refusing = able.filter((one) => asked.refusalOf(one) !== null)
    const stop = async () => {
      // As in a shutdown: who has ended meanwhile, or has taken its registration back, is left alone.
      const now = able.filter((one) => !refusing.includes(one)).map((one) => asItIsNow(one, doorways))
      const willing = now.filter(({ restartable }) => restartable)
      const ids = await stored.addApplications(
        willing.map((application) => ({
          application,
          status: ['running'],
          restartRecord: restartRecord(application, doorways),
        })),
      )
      const items = willing.map((application, index) => ({ id: ids[index] ?? 0, application }))
      const stopped = await stopApplications(items, {
        ...context,
        force: false,
        asked,
        settled: (id, result) => stored.addStatus(id, result.outcome),
      })
      return { now, willing, ids, stopped }
    }
    const { now, willing, ids, stopped } = await stop().finally(() => asked.stay())
    const records = (await stored.applications()).filter(({ id }) => ids.includes(id))
    for (const record of await withStanding(records, 'asked', doorways)) await queueStart(record, doorways)
    const down = await withStanding(records, 'down', doorways)
    const started = await startApplications(down, {
      ...context,
      made: (id, process) => stored.setMade(id, process),
      async settled(id, result) {
        await stored.addStatus(id, result.outcome)
        progress.settled(result)
      },
    })
    const untouched = stopped.filter(({ outcome }) => outcome === 'running').map(({ application }) => application)
    const refused = refusing.map((application) => ({
      ...untouchedResult(application, 'error-on-stop'),
      error: asked.refusalOf(application),
    }))
    const applications = [...refused, ...stopped.filter(({ error }) => error !== null), ...started]
    const result = {
      applications,
      remaining: [
        ...old.filter((one) => !able.includes(one)),
        ...now.filter((one) => !willing.includes(one)),
        ...untouched,
      ],
    }
    if (applications.some(({ error }) => error !== null)) throw failure(result)
    return result
  })
}

function usesOldVersion({ uses }: AffectedApplication): boolean {
  return uses.some(({ replaced }) => replaced)
}

function failure(result: InPlaceResult): OperationError<InPlaceResult> {
  const why = describeErrors(result.applications)
  return new OperationError('FAIL_RESTART', `Not everything was restarted in place: ${why}`, result)
}
