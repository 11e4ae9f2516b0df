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
 * `stopped` and `error-on-restart` are down for sure. One that did not stop in time may have ended since; so may one of which
 * nothing has been written down since it was going to be stopped, as the process that was stopping it was killed. Where the
 * main process has ended the program is down, whatever its children do.
 */
export async function standingOf({ status, application }: ApplicationRecord, doorways: Doorways): Promise<Standing> {
  const last = status.at(-1)
  if (last === 'stopped' || last === 'error-on-restart') return 'down'
  const undecided = last === 'error-on-stop' || (last === 'running' && status.length === 1)
  if (!undecided) return 'settled'
  if (application.service === null) return doorways.processes.isRunning(application.process) ? 'asked' : 'down'
  const manager = doorways.serviceManagers.find(({ name }) => name === application.serviceManager)
  const service = await manager?.describe(application.service)
  return !service || service.state === 'inactive' || service.state === 'failed' ? 'down' : 'asked'
}

/**
 * A service that was asked to stop and has not yet may stop any time: a start is queued behind that, and not waited for.
 * Nothing happens where it is up.
 */
export async function queueStart({ application }: ApplicationRecord, { serviceManagers }: Doorways): Promise<void> {
  const manager = serviceManagers.find(({ name }) => name === application.serviceManager)
  if (application.service === null) return
  // Its row already says what is wrong with it; that it is not up yet is no news.
  await manager?.start(application.service, { timeoutMs: 0 }).catch(() => undefined)
}
