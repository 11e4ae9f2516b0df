import { setTimeout as delay } from 'node:timers/promises'
import { RestartManagerError } from '../errors/index.ts'
import type { Participant } from '../model/index.ts'
import type { StoredSession } from '../store/session-store.ts'

export interface WaitOptions {
  /** How many secondaries have to have joined: 0. */
  atLeast?: number
  /** Milliseconds; default: for ever. */
  timeoutMs?: number
  signal?: AbortSignal
}

const intervalMs = 50

/** Looks every 50 ms: the participants are other processes, and the store is a file. */
export async function waitForParticipants(stored: StoredSession, options: WaitOptions): Promise<void> {
  const { atLeast = 0, timeoutMs = Infinity, signal } = options
  if (!Number.isInteger(atLeast) || atLeast < 0) {
    throw new RestartManagerError('INVALID_ARGUMENT', `atLeast is ${String(atLeast)}; wanted a whole number from 0`)
  }
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
    throw new RestartManagerError('INVALID_ARGUMENT', `timeoutMs is ${String(timeoutMs)}; wanted milliseconds from 0`)
  }
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const secondaries = (await stored.participants()).filter(({ role }) => role === 'secondary')
    const busy = secondaries.filter(({ state }) => state === 'registering')
    if (secondaries.length >= atLeast && busy.length === 0) return
    if (signal?.aborted) throw new RestartManagerError('CANCELLED', 'Cancelled while waiting for participants')
    if (performance.now() >= deadline) throw timedOut(secondaries, busy, atLeast, timeoutMs)
    await delay(intervalMs)
  }
}

function timedOut(
  secondaries: Participant[],
  busy: Participant[],
  atLeast: number,
  timeoutMs: number,
): RestartManagerError {
  const missing = secondaries.length < atLeast ? `${secondaries.length} of ${atLeast} secondaries have joined` : null
  const waiting =
    busy.length > 0 ? `not finished: ${busy.map(({ process }) => `process ${process.pid}`).join(', ')}` : null
  const what = [missing, waiting].filter((part) => part !== null).join('; ')
  return new RestartManagerError('CANCELLED', `Gave up waiting for participants after ${timeoutMs / 1000} s: ${what}`)
}
