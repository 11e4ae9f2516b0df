import { RestartManagerError } from '../errors/index.ts'
import { readAncestors } from '../linux/process-tree.ts'
import type { Participant, ProcessIdentity, SessionSummary } from '../model/index.ts'
import { checkIdentity, findProcess, identifyProcess } from '../processes/index.ts'
import { ownerParticipant, type StoredSession } from '../store/session-store.ts'
import { newSessionKey } from '../text/session-key.ts'
import { openDoorways } from './doorways.ts'
import { assertPlatform, type SessionOptions } from './options.ts'
import { Primary, type PrimarySession } from './primary.ts'
import { notPrimary, Secondary, type SecondarySession } from './secondary.ts'

/**
 * Starts a session; the caller is its primary. Errors: TOO_MANY_SESSIONS, PROCESS_NOT_FOUND (the owner), STORE_BUSY,
 * STORE_FAILED, UNSUPPORTED_PLATFORM.
 */
export async function startSession(options: SessionOptions = {}): Promise<PrimarySession> {
  assertPlatform()
  const owner = ownerOf(options)
  const doorways = openDoorways(options)
  const key = newSessionKey()
  const stored = await doorways.store.create({ key, owner })
  return new Primary({ key, stored, participant: ownerParticipant, doorways })
}

/** Joins a session by its key; the caller is a secondary. Errors: SESSION_KEY_INVALID, INVALID_SESSION (its owner has ended), INVALID_ARGUMENT, STORE_BUSY, STORE_FAILED. */
export async function joinSession(key: string, options: SessionOptions = {}): Promise<SecondarySession> {
  assertPlatform()
  const doorways = openDoorways(options)
  const stored = await doorways.store.open(key)
  await refuseAbandoned(stored)
  const participant = await stored.addParticipant(identifyProcess(process.pid), 'secondary')
  return new Secondary({ key, stored, participant, doorways })
}

/**
 * Acts for the primary of a session from another process, by its key, also where its owner has ended. What the primary
 * alone decides is refused with NOT_PRIMARY where the caller is, or was started by, a secondary of that session. Errors:
 * SESSION_KEY_INVALID, INVALID_ARGUMENT, STORE_BUSY, STORE_FAILED.
 */
export async function openSession(key: string, options: SessionOptions = {}): Promise<PrimarySession> {
  assertPlatform()
  const doorways = openDoorways(options)
  const stored = await doorways.store.open(key)
  const mayDecide = async (action: string) => {
    if (nearestParticipant(await stored.participants())?.role === 'secondary') throw notPrimary(action)
  }
  return new Primary({ key, stored, participant: ownerParticipant, doorways }, mayDecide)
}

/** The live and the abandoned sessions of the calling user, oldest first. Errors: STORE_BUSY, STORE_FAILED. */
export async function listSessions(options: SessionOptions = {}): Promise<SessionSummary[]> {
  assertPlatform()
  return openDoorways(options).store.list()
}

function ownerOf({ owner }: SessionOptions): ProcessIdentity {
  if (owner === undefined) return identifyProcess(process.pid)
  return typeof owner === 'number' ? identifyProcess(owner) : checkIdentity(owner)
}

async function refuseAbandoned(stored: StoredSession): Promise<void> {
  const { state, owner } = await stored.summary()
  if (state !== 'abandoned') return
  stored.close()
  throw new RestartManagerError(
    'INVALID_SESSION',
    `The session is abandoned: its owner, process ${owner.pid}, has ended`,
    {
      hint: 'See what it left: restartctl sessions',
    },
  )
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
