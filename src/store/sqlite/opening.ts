import { timingSafeEqual } from 'node:crypto'
import { RestartManagerError } from '../../errors/index.ts'
import { hashSessionKey, parseSessionKey, sessionIdOf } from '../../text/session-key.ts'
import { whileBusy } from './busy.ts'
import { Connection } from './connection.ts'
import { storeError } from './failures.ts'
import { isThisBoot } from './liveness.ts'
import { inspectPrivate, type Finding } from '../../linux/private-entry.ts'
import { SessionFile, sessionsDirectory } from './session-file.ts'
import { selectSession, type SessionRow } from './session-row.ts'

/**
 * Opens the session of this key. INVALID_ARGUMENT: malformed key; SESSION_KEY_INVALID: unknown, ended, or another
 * user's; STORE_FAILED: somebody has tampered with it; else as SQLite and node:fs fail.
 */
export async function openSession(
  directory: string,
  key: string,
  deadline: number,
): Promise<{ connection: Connection; file: SessionFile }> {
  const keyHash = hashSessionKey(parseSessionKey(key))
  const sessions = sessionsDirectory(directory)
  const file = new SessionFile(sessions, sessionIdOf(keyHash))
  requireOurs(directory, inspectPrivate(directory, 'directory'))
  requireOurs(sessions, inspectPrivate(sessions, 'directory'))
  requireOurs(file.path, file.inspect())
  let connection: Connection | undefined
  try {
    const opened = (connection = await Connection.open(file.path, deadline))
    const row = await whileBusy(deadline, () => opened.view(() => selectSession(opened)))
    if (!row || !isCurrent(row) || !timingSafeEqual(row.key_hash, keyHash)) throw unknownKey()
    return { connection, file }
  } catch (error) {
    connection?.close()
    // It was ended and removed while it was being opened.
    if (!file.isThere()) throw unknownKey()
    throw storeError(`Cannot read session file ${file.path}`, error, `Remove it where it is of no use: rm ${file.path}`)
  }
}

/** Not ended, and of this boot. */
export function isCurrent(row: SessionRow): boolean {
  return row.ended === 0 && isThisBoot(row.boot_id)
}

function requireOurs(path: string, finding: Finding): void {
  if (finding.kind === 'missing' || finding.kind === 'foreign') throw unknownKey()
  if (finding.kind === 'unfit') {
    throw new RestartManagerError('STORE_FAILED', `Cannot use ${path}: ${finding.problem}`, { hint: finding.hint })
  }
}

/** The same for a key that never was, one whose session has ended and one of another user: whoever guesses learns nothing. */
function unknownKey(): RestartManagerError {
  return new RestartManagerError('SESSION_KEY_INVALID', 'No session of this user has this key', {
    hint: 'The sessions of this user are shown by: restartctl sessions',
  })
}
