import type { AffectedList, ProcessIdentity, Resources } from '../model/index.ts'
import { identifyProcess as identify, processManager } from '../processes/index.ts'
import { affectedBy } from './affected.ts'
import { assertPlatform } from './options.ts'
import { identifyResources } from './resources.ts'
import { openServiceManagers } from './service-managers.ts'

// What can be learnt without a session. The store is not even loaded: `restartctl list FILE` has to be quick.

/** Names a process for good. Errors: INVALID_ARGUMENT (no pid), PROCESS_NOT_FOUND. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity> {
  return identify(pid)
}

/** Whether these resources could be registered, without a session. Errors: as for `register`. */
export async function checkResources(resources: Resources): Promise<void> {
  assertPlatform()
  const serviceManagers = openServiceManagers()
  try {
    await identifyResources(resources, serviceManagers)
  } finally {
    await Promise.all(serviceManagers.map((manager) => manager.close()))
  }
}

/** What these resources are used by, for looking only. Errors: as for `register` of a session, and CANCELLED. */
export async function listAffected(resources: Resources, signal?: AbortSignal): Promise<AffectedList> {
  assertPlatform()
  const serviceManagers = openServiceManagers()
  try {
    const identified = await identifyResources(resources, serviceManagers)
    const context = { serviceManagers, processes: processManager, installers: [identify(process.pid)] }
    return await affectedBy(identified, context, signal)
  } finally {
    await Promise.all(serviceManagers.map((manager) => manager.close()))
  }
}
