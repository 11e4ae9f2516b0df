import { RestartManagerError } from '../errors/index.ts'
import type { ProcessIdentity, SessionSummary } from '../model/index.ts'
import { checkIdentity, identifyProcess } from '../processes/index.ts'
import { ownerParticipant, type StoredSession } from '../store/session-store.ts'
import { newSessionKey } from '../text/session-key.ts'
import { openDoorways } from './doorways.ts'
import { Opened } from './opened.ts'
import { assertPlatform, type SessionOptions } from './options.ts'
import { Primary, type PrimarySession } from './primary.ts'
import { Secondary, type SecondarySession } from './secondary.ts'

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
 * alone decides is refused with NOT_PRIMARY where the caller is, or was started by, a secondary of that session. Only `end`
 * ends the session, disposing of what is answered does not. Errors: SESSION_KEY_INVALID, INVALID_ARGUMENT, STORE_BUSY, STORE_FAILED.
 */
export async function openSession(key: string, options: SessionOptions = {}): Promise<PrimarySession> {
  assertPlatform()
  const doorways = openDoorways(options)
  const stored = await doorways.store.open(key)
  return new Opened({ key, stored, participant: ownerParticipant, doorways })
}

/** The live and the abandoned sessions of the calling user, oldest first. Errors: STORE_BUSY, STORE_FAILED. */
export async function listSessions(options: SessionOptions = {}): Promise<SessionSummary[]> {
  assertPlatform()
  return openDoorways(options).store.list()
}

function ownerOf({ owner }: SessionOptions): ProcessIdentity {
  if (owner === undefined) return identifyProcess(process.pid)
  return typeof owner === 'object' ? checkIdentity(owner) : identifyProcess(owner)
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
