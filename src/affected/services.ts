import { RestartManagerError } from '../errors/index.ts'
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

/** The states in which there is nothing to stop. */
const down: Service['state'][] = ['inactive', 'failed']

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

/** Those of the named services that are up, and all that go down with them, each once. */
export async function expandServices(named: NamedService[]): Promise<ManagedService[]> {
  const found = new Map<string, ManagedService>()
  const asked = new Set<string>()
  const queue = [...named]
  for (const { manager, name } of queue) {
    if (asked.has(`${manager.name} ${name}`)) continue
    asked.add(`${manager.name} ${name}`)
    const service = await manager.describe(name)
    if (!service || down.includes(service.state)) continue
    found.set(`${manager.name} ${service.name}`, { manager, service })
    queue.push(...service.goDownWithIt.map((dependent) => ({ manager, name: dependent })))
  }
  return [...found.values()]
}

export function isManagerFailure(error: unknown): error is RestartManagerError {
  return error instanceof RestartManagerError && error.code === 'SERVICE_MANAGER_FAILED'
}
