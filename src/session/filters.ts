import { RestartManagerError } from '../errors/index.ts'
import {
  filterActions,
  sameProcess,
  type AffectedApplication,
  type Filter,
  type FilterAction,
  type FilterTarget,
  type ProcessIdentity,
} from '../model/index.ts'
import { findService } from '../affected/index.ts'
import { realPath } from '../linux/real-path.ts'
import type { StoredSession } from '../store/session-store.ts'
import type { Doorways } from './doorways.ts'
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

/** What the filters, and the rule of the policy, say of an application; a `no-shutdown` outweighs a `no-restart`. */
export function filterActionFor(application: AffectedApplication, filters: Filter[]): FilterAction | null {
  const actions = filters.filter(({ target }) => matches(target, application)).map(({ action }) => action)
  const ruled = filterActions.find((action) => action === application.rule?.action)
  if (ruled) actions.push(ruled)
  return actions.find((action) => action === 'no-shutdown') ?? actions[0] ?? null
}

/**
 * The filters of a session, services by the names their managers use: a filter may name one by an alias. A name that nobody
 * knows stays as it is, and so do all where the service manager cannot be asked.
 */
export async function resolvedFilters(stored: StoredSession, { serviceManagers }: Doorways): Promise<Filter[]> {
  const filters = await stored.filters()
  return Promise.all(
    filters.map(async (filter) => {
      if (!('service' in filter.target)) return filter
      const found = await findService(serviceManagers, filter.target.service).catch(() => null)
      return found ? { ...filter, target: { service: found.service.name } } : filter
    }),
  )
}

/**
 * Which applications are left running: those that a `no-shutdown` filter names, and every service that would take one of
 * them down with it.
 */
export function sparedBy(
  filters: Filter[],
  applications: AffectedApplication[],
): (application: AffectedApplication) => boolean {
  const named = (application: AffectedApplication) => filterActionFor(application, filters) === 'no-shutdown'
  const services = new Set(applications.filter(named).map(({ service }) => service))
  return (application) => named(application) || application.dependents.some((dependent) => services.has(dependent))
}

export function describeTarget(target: FilterTarget): string {
  if ('executable' in target) return `the program ${target.executable}`
  if ('service' in target) return `the service ${target.service}`
  return `the process ${target.process.pid}`
}

function matches(target: FilterTarget, application: AffectedApplication): boolean {
  if ('executable' in target) {
    const { executable } = application
    return executable !== null && (executable === target.executable || executable === realPath(target.executable))
  }
  if ('service' in target) return application.service === target.service
  return application.processes.some((process) => sameProcess(process, target.process))
}

function checkTarget(target: FilterTarget): FilterTarget {
  const given = { ...target } as { executable?: unknown; process?: ProcessIdentity; service?: unknown }
  const { executable, process, service } = given
  if ([executable, process, service].filter((one) => one !== undefined).length !== 1) {
    throw invalid('A filter names exactly one of executable, process, service')
  }
  if (executable !== undefined) {
    assertPath(executable)
    return { executable }
  }
  if (service !== undefined) {
    const name = assertServiceName(service)
    return { service: name.includes('.') ? name : `${name}.service` }
  }
  const { pid, startTime } = { ...process } as { pid: unknown; startTime: unknown }
  if (typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && typeof startTime === 'bigint') {
    return { process: { pid, startTime } }
  }
  throw invalid('A filter names a process by its identity; take it from identifyProcess(pid)')
}

function invalid(message: string): RestartManagerError {
  return new RestartManagerError('INVALID_ARGUMENT', message)
}
