import { RestartManagerError } from '../errors/index.ts'
import {
  filterActions,
  sameProcess,
  type AffectedApplication,
  type Filter,
  type FilterAction,
  type FilterTarget,
} from '../model/index.ts'
import type { StoredSession } from '../store/session-store.ts'
import { assertPath, assertServiceName } from '../text/index.ts'

export interface Filters {
  /** A later action for the same target replaces the earlier one. The target need not be affected, now or ever. */
  add(target: FilterTarget, action: FilterAction): Promise<void>
  /** Errors: FILTER_NOT_FOUND. */
  remove(target: FilterTarget): Promise<void>
  list(): Promise<Filter[]>
}

/** `stored` is asked at every call, so that an ended session and a caller that may not decide are noticed. */
export function filtersOf(stored: () => Promise<StoredSession>): Filters {
  return {
    async add(target, action) {
      const checked = checkTarget(target)
      if (!filterActions.includes(action)) {
        throw invalid(`Not a filter action: ${JSON.stringify(action)}; known are ${filterActions.join(', ')}`)
      }
      await (await stored()).setFilter({ target: checked, action })
    },
    async remove(target) {
      const checked = checkTarget(target)
      if (await (await stored()).removeFilter(checked)) return
      throw new RestartManagerError('FILTER_NOT_FOUND', `No filter for ${describeTarget(checked)}`, {
        hint: 'See what there is: restartctl filter list',
      })
    },
    list: async () => (await stored()).filters(),
  }
}

/** What the filters say of an application; a `no-shutdown` outweighs a `no-restart`. */
export function filterActionFor(application: AffectedApplication, filters: Filter[]): FilterAction | null {
  const actions = filters.filter(({ target }) => matches(target, application)).map(({ action }) => action)
  return actions.find((action) => action === 'no-shutdown') ?? actions[0] ?? null
}

export function describeTarget(target: FilterTarget): string {
  if ('executable' in target) return `the program ${target.executable}`
  if ('service' in target) return `the service ${target.service}`
  return `the process ${target.process.pid}`
}

function matches(target: FilterTarget, application: AffectedApplication): boolean {
  if ('executable' in target) return application.executable === target.executable
  if ('service' in target) return application.service === target.service
  return application.processes.some((process) => sameProcess(process, target.process))
}

function checkTarget(target: FilterTarget): FilterTarget {
  const given = target as Partial<{ executable: unknown; process: unknown; service: unknown }>
  const kinds = ['executable', 'process', 'service'] as const
  if (kinds.filter((kind) => given[kind] !== undefined).length !== 1) {
    throw invalid(`A filter names exactly one of ${kinds.join(', ')}`)
  }
  if ('executable' in target) {
    assertPath(target.executable)
    return { executable: target.executable }
  }
  if ('service' in target) {
    const name = assertServiceName(target.service)
    return { service: name.includes('.') ? name : `${name}.service` }
  }
  const { pid, startTime } = target.process
  if (!Number.isInteger(pid) || pid <= 0 || typeof startTime !== 'bigint') {
    throw invalid('A filter names a process by its identity; take it from identifyProcess(pid)')
  }
  return { process: { pid, startTime } }
}

function invalid(message: string): RestartManagerError {
  return new RestartManagerError('INVALID_ARGUMENT', message)
}
