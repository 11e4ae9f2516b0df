import { readAncestors } from '../linux/process-tree.ts'
import type { Participant } from '../model/index.ts'
import { findProcess } from '../processes/index.ts'
import type { StoredSession } from '../store/session-store.ts'
import { Primary } from './primary.ts'
import { notPrimary } from './secondary.ts'

/**
 * The primary's part, played by another process that has the key. It may decide unless it is, or was started by, a
 * secondary. Disposing of it lets go of the session; only `end` ends it.
 */
export class Opened extends Primary {
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.letGo()
  }

  protected override async mayDecide(stored: StoredSession, action: string): Promise<void> {
    if (nearestParticipant(await stored.participants())?.role === 'secondary') throw notPrimary(action)
  }
}

/** The participant that the caller is, or that started it. */
function nearestParticipant(participants: Participant[]): Participant | undefined {
  const present = participants.filter(({ state }) => state === 'registering' || state === 'finished')
  for (const pid of readAncestors(process.pid)) {
    const startTime = findProcess(pid)?.startTime
    const participant = present.find((one) => one.process.pid === pid && one.process.startTime === startTime)
    if (participant) return participant
  }
  return undefined
}
