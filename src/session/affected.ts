import { affectedList, findService, type AffectedContext } from '../affected/index.ts'
import { detectUses, type Detection } from '../detection/index.ts'
import type { AffectedList, ProcessIdentity, RegisteredResources } from '../model/index.ts'
import { identifyProcess } from '../processes/index.ts'
import type { ServiceManager } from '../services/service-manager.ts'
import type { StoredSession } from '../store/session-store.ts'
import type { Doorways } from './doorways.ts'
import { withHistory } from './history.ts'
import { listOptionsOf, type ListOptions } from './options.ts'
import { currentPolicy } from './policy.ts'

/** What is affected now, by what has been registered until now; looked up anew at every call. */
export async function affectedNow(
  stored: StoredSession,
  doorways: Doorways,
  options: ListOptions = {},
): Promise<AffectedList> {
  const { files, directories, processes, services } = await stored.resources()
  const detection = ofOthers(await detectUses({ files, directories }, listOptionsOf(options)), doorways)
  const found = { detection, processes, services: await findAll(services, doorways.serviceManagers) }
  return affectedList(found, await contextOf(stored, doorways))
}

/** What these resources are used by. */
export async function affectedBy(
  { files, directories, processes, services }: RegisteredResources,
  context: AffectedContext,
  options: ListOptions = {},
): Promise<AffectedList> {
  const detection = await detectUses({ files, directories }, listOptionsOf(options))
  return affectedList({ detection, processes, services: await findAll(services, context.serviceManagers) }, context)
}

/** What the affected list of a session is made with. */
export async function contextOf(stored: StoredSession, doorways: Doorways): Promise<AffectedContext> {
  return { ...doorways, policy: await currentPolicy(), installers: await installers(stored, doorways) }
}

/** Without the uses by what holds the delay of the shutdown: that ends by itself. */
export function ofOthers(detection: Detection, { shutdownDelay }: Doorways): Detection {
  const isOthers = ({ process: { pid } }: { process: ProcessIdentity }) => !shutdownDelay.isHeldBy(pid)
  return { ...detection, uses: detection.uses.filter(isOthers) }
}

/** The same, with what this session has done to each application, those that it has stopped included. */
export async function affectedWithHistory(
  stored: StoredSession,
  doorways: Doorways,
  options: ListOptions,
): Promise<AffectedList> {
  const list = await affectedNow(stored, doorways, options)
  const records = await stored.applications()
  return { ...list, applications: withHistory(list.applications, records, doorways.processes) }
}

/** The services of these names. One that was there when it was registered may be gone by now: then it has no users. */
export async function findAll(names: string[], managers: ServiceManager[]) {
  const found = await Promise.all(names.map((name) => findService(managers, name)))
  return found
    .filter((one) => one !== null)
    .map(({ manager, service }) => ({ manager, name: service.name, mainPid: service.mainPid }))
}

async function installers(stored: StoredSession, { processes }: Doorways): Promise<ProcessIdentity[]> {
  const participants = await stored.participants()
  const installing = participants.filter(({ state }) => state === 'registering' || state === 'finished')
  const running = installing.map((participant) => participant.process).filter((one) => processes.isRunning(one))
  return [identifyProcess(process.pid), ...running]
}
