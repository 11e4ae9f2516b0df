import { affectedList, type AffectedContext } from '../affected/index.ts'
import { detectStale } from '../detection/index.ts'
import type { AffectedList, ProcessIdentity, Resources } from '../model/index.ts'
import { identifyProcess as identify, processManager } from '../processes/index.ts'
import { affectedBy } from './affected.ts'
import { assertPlatform, type ListOptions } from './options.ts'
import { currentPolicy } from './policy.ts'
import { identifyResources } from './resources.ts'
import { openServiceManagers } from './service-managers.ts'

// What can be learnt without a session. The store is not even loaded: `restartctl list FILE` has to be quick.

/** Names a process for good. Errors: INVALID_ARGUMENT (no pid), PROCESS_NOT_FOUND. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity> {
  return identify(pid)
}

/** Whether these resources could be registered, without a session. Errors: as for `register`. */
export async function checkResources(resources: Resources): Promise<void> {
  await withContext(({ serviceManagers }) => identifyResources(resources, serviceManagers, { remember: false }))
}

/** What these resources are used by, for looking only. Errors: as for `register` of a session, and CANCELLED. */
export function listAffected(resources: Resources, options: ListOptions = {}): Promise<AffectedList> {
  return withContext(async (context) => {
    const identified = await identifyResources(resources, context.serviceManagers, { remember: false })
    return affectedBy(identified, context, options)
  })
}

/**
 * What on this machine uses programs, libraries or scripts that have been replaced or removed since it was started, as an
 * update leaves it behind. `path` of a use is what the process calls the file. Errors: CANCELLED, SERVICE_MANAGER_FAILED.
 */
export function listStale({ signal }: Pick<ListOptions, 'signal'> = {}): Promise<AffectedList> {
  return withContext(async (context) =>
    affectedList({ detection: await detectStale(signal), processes: [], services: [] }, context),
  )
}

async function withContext<Result>(work: (context: AffectedContext) => Promise<Result>): Promise<Result> {
  assertPlatform()
  const serviceManagers = openServiceManagers()
  try {
    const policy = await currentPolicy()
    return await work({ serviceManagers, policy, processes: processManager, installers: [identify(process.pid)] })
  } finally {
    await Promise.all(serviceManagers.map((manager) => manager.close()))
  }
}
