import { stoppingState, type AffectedApplication } from '../model/index.ts'
import type { ApplicationRecord } from '../store/session-store.ts'
import type { Doorways } from './doorways.ts'

/** What has become of an application that this session was going to stop. */
export type Standing =
  /** It runs, or others saw to it: nothing to do. */
  | 'settled'
  /** It is down, and this session's business. */
  | 'down'
  /** It was asked to end, or may have been, and still runs. */
  | 'asked'

/**
 * Of what is undecided it is looked whether it runs: one that did not stop in time may have ended since, and so may one
 * whose stopper was killed. Where the main process has ended the program is down, whatever its children do. A service whose
 * manager cannot be asked counts as down: starting one that is up does nothing.
 */
export async function standingOf(
  { status, application }: Pick<ApplicationRecord, 'status' | 'application'>,
  doorways: Doorways,
): Promise<Standing> {
  const state = stoppingState(status)
  if (state !== 'undecided') return state
  return (await runs(application, doorways)) ? 'asked' : 'down'
}

export async function runs(
  application: AffectedApplication,
  { processes, serviceManagers }: Doorways,
): Promise<boolean> {
  if (application.service === null) return processes.isRunning(application.process)
  const manager = serviceManagers.find(({ name }) => name === application.serviceManager)
  const service = await manager?.describe(application.service).catch(() => null)
  if (application.down) return service?.held.some((name) => application.held.includes(name)) ?? false
  return service ? service.state !== 'inactive' && service.state !== 'failed' : false
}

/**
 * A service that was asked to stop and has not yet may stop any time: a start is queued behind that, and not waited for.
 * Nothing happens where it is up. Answers whether it is stopping.
 */
export async function queueStart({ application }: ApplicationRecord, { serviceManagers }: Doorways): Promise<boolean> {
  const manager = serviceManagers.find(({ name }) => name === application.serviceManager)
  if (application.service === null) return false
  const service = await manager?.describe(application.service).catch(() => null)
  // Its row already says what is wrong with it; that it is not up yet is no news.
  const options = { timeoutMs: 0, giveBack: application.held, heldOnly: application.down === true }
  await manager?.start(application.service, options).catch(() => undefined)
  return service?.state === 'deactivating'
}

/** Those of the records that stand so, in their order. */
export async function withStanding(
  records: ApplicationRecord[],
  wanted: Standing,
  doorways: Doorways,
): Promise<ApplicationRecord[]> {
  const standings = await Promise.all(records.map((record) => standingOf(record, doorways)))
  return records.filter((_, index) => standings[index] === wanted)
}
