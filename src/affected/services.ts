import { RestartManagerError } from '../errors/index.ts'
import { allOf } from '../model/index.ts'
import type { Service, ServiceManager } from '../services/service-manager.ts'

/** A service and the manager that runs it. */
export interface ManagedService {
  manager: ServiceManager
  service: Service
}

/** A service by its name, not asked about yet. */
export interface NamedService {
  manager: ServiceManager
  name: string
}

/** Nothing of it runs that could be stopped. */
export function isDown({ state }: Service): boolean {
  return state === 'inactive' || state === 'failed'
}

/**
 * Finds the service that a name means; the first manager that knows it wins, those of other users are not asked. Null
 * where none does. Errors:
 * SERVICE_MANAGER_FAILED where none knows it and one could not be asked.
 */
export async function findService(managers: ServiceManager[], name: string): Promise<ManagedService | null> {
  let failure: RestartManagerError | undefined
  for (const manager of managers.filter(({ ofOtherUser }) => !ofOtherUser)) {
    try {
      const service = await manager.describe(name)
      if (service) return { manager, service }
    } catch (error) {
      if (!isManagerFailure(error)) throw error
      failure ??= error
    }
  }
  if (failure) throw failure
  return null
}

/**
 * Those of the named services that are up, or that something is up for that would start them (`held`), and all that go down
 * with them, each once.
 */
export async function expandServices(named: NamedService[]): Promise<ManagedService[]> {
  const found = new Map<string, ManagedService>()
  const asked = new Set<string>()
  let next = named
  while (next.length > 0) {
    const fresh = [...new Map(next.map((one) => [keyOf(one), one])).values()].filter((one) => !asked.has(keyOf(one)))
    for (const one of fresh) asked.add(keyOf(one))
    const described = await allOf(
      fresh.map(async ({ manager, name }) => ({ manager, service: await manager.describe(name) })),
    )
    const affected = described.flatMap(({ manager, service }) =>
      service && (!isDown(service) || service.held.length > 0) ? { manager, service } : [],
    )
    for (const one of affected) found.set(keyOf({ manager: one.manager, name: one.service.name }), one)
    next = affected.flatMap(({ manager, service }) => service.goDownWithIt.map((name) => ({ manager, name })))
  }
  return [...found.values()]
}

function keyOf({ manager, name }: NamedService): string {
  return `${manager.name} ${name}`
}

export function isManagerFailure(error: unknown): error is RestartManagerError {
  return error instanceof RestartManagerError && error.code === 'SERVICE_MANAGER_FAILED'
}
