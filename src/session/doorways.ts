import { processManager } from '../processes/index.ts'
import type { ProcessManager } from '../processes/process-manager.ts'
import { createShutdownDelay, type ShutdownDelay } from '../services/index.ts'
import type { ServiceManager } from '../services/service-manager.ts'
import { createSqliteStore } from '../store/index.ts'
import type { SessionStore } from '../store/session-store.ts'
import { runtimeDirectory } from '../linux/runtime-directory.ts'
import { assertMilliseconds, type SessionOptions } from './options.ts'
import { openServiceManagers } from './service-managers.ts'

/** The outside world of a session. Here and in service-managers.ts, nowhere else, the interfaces meet what implements them. */
export interface Doorways {
  store: SessionStore
  processes: ProcessManager
  /** The one that is asked first comes first. */
  serviceManagers: ServiceManager[]
  /** Held while anything is stopped. */
  shutdownDelay: ShutdownDelay
}

/** Lets go of everything that has been opened. */
export async function closeDoorways({ serviceManagers, shutdownDelay }: Doorways): Promise<void> {
  await Promise.all([shutdownDelay.release(), ...serviceManagers.map((manager) => manager.close())])
}

/** Opens nothing yet: the store and the service managers are reached when they are first asked. */
export function openDoorways(options: SessionOptions): Doorways {
  const { runtimeDirectory: directory, lockTimeoutMs } = options
  if (lockTimeoutMs !== undefined) assertMilliseconds('The time-out lockTimeoutMs', lockTimeoutMs)
  const store = createSqliteStore({
    directory: runtimeDirectory(directory),
    ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
  })
  return {
    store,
    processes: processManager,
    serviceManagers: openServiceManagers(),
    shutdownDelay: createShutdownDelay(),
  }
}
