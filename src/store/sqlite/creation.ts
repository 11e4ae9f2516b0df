import { join } from 'node:path'
import { RestartManagerError } from '../../errors/index.ts'
import { maximumSessions } from '../../model/index.ts'
import { prepareRuntimeDirectory } from '../../linux/runtime-directory.ts'
import type { NewSession } from '../session-store.ts'
import { hashSessionKey, parseSessionKey, sessionIdOf } from '../../text/session-key.ts'
import { whileBusy } from './busy.ts'
import { Connection } from './connection.ts'
import { lockSessions } from './sessions-lock.ts'
import { SessionFile, sessionsDirectory } from './session-file.ts'
import { insertSession } from './session-row.ts'
import { sweep } from './sweep.ts'

/** A session file that has just been made, open. */
export interface Created {
  connection: Connection
  file: SessionFile
}

/**
 * Makes the directories and, under the lock of all sessions, counts, cleans up and makes the file. INVALID_ARGUMENT:
 * malformed key; TOO_MANY_SESSIONS; STORE_FAILED: the directories are not as they should be; else as SQLite and node:fs fail.
 */
export async function createSession(directory: string, session: NewSession, deadline: number): Promise<Created> {
  const keyHash = hashSessionKey(parseSessionKey(session.key))
  const sessions = sessionsDirectory(directory)
  prepareRuntimeDirectory(directory)
  prepareRuntimeDirectory(sessions)
  const lock = await lockSessions(join(sessions, 'lock.db'), deadline)
  try {
    const live = await sweep(sessions)
    if (live >= maximumSessions) throw tooMany(live)
    const file = new SessionFile(sessions, sessionIdOf(keyHash))
    file.make()
    return { connection: await fill(file, keyHash, session, deadline), file }
  } finally {
    lock.close()
  }
}

async function fill(file: SessionFile, hash: Buffer, session: NewSession, deadline: number): Promise<Connection> {
  let connection: Connection | undefined
  try {
    const opened = (connection = await Connection.open(file.path, deadline))
    await whileBusy(deadline, () => opened.exec('BEGIN IMMEDIATE'))
    insertSession(connection, hash, session.owner)
    await whileBusy(deadline, () => opened.exec('COMMIT'))
    return connection
  } catch (error) {
    connection?.close()
    file.remove()
    throw error
  }
}

function tooMany(live: number): RestartManagerError {
  return new RestartManagerError(
    'TOO_MANY_SESSIONS',
    `Cannot start a session: this user has ${live} live ones, ${maximumSessions} at most`,
    {
      hint: 'See which there are and end some: restartctl sessions',
    },
  )
}
