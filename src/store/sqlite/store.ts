import type { SessionSummary } from '../../model/index.ts'
import type { NewSession, SessionStore, StoredSession } from '../session-store.ts'
import { openAbandoned } from './abandoned.ts'
import { createSession } from './creation.ts'
import { storeError } from './failures.ts'
import { listSessions } from './listing.ts'
import { openSession } from './opening.ts'
import { SqliteSession } from './stored-session.ts'

export interface SqliteStoreOptions {
  /** The runtime directory (see `runtimeDirectory`); made at the first `create`. */
  directory: string
  /** How long a locked session is tried before STORE_BUSY, in milliseconds: 10,000. */
  lockTimeoutMs?: number
}

/** The sessions of one user, a SQLite database a session. */
export function createSqliteStore(options: SqliteStoreOptions): SessionStore {
  const { directory, lockTimeoutMs = 10_000 } = options
  const deadline = (): number => performance.now() + lockTimeoutMs
  return {
    create: (session: NewSession): Promise<StoredSession> =>
      reporting('Cannot start a session', async () => {
        const { connection, file } = await createSession(directory, session, deadline())
        return new SqliteSession(connection, file, lockTimeoutMs)
      }),
    open: (key: string): Promise<StoredSession> =>
      reporting('Cannot open the session', async () => {
        const { connection, file } = await openSession(directory, key, deadline())
        return new SqliteSession(connection, file, lockTimeoutMs)
      }),
    list: (): Promise<SessionSummary[]> =>
      reporting('Cannot list the sessions', () => listSessions(directory, lockTimeoutMs)),
    openAbandoned: () =>
      reporting('Cannot open the abandoned sessions', async () => {
        const { abandoned, failures } = await openAbandoned(directory, lockTimeoutMs)
        const sessions = abandoned.map(({ connection, file }) => new SqliteSession(connection, file, lockTimeoutMs))
        return { sessions, failures }
      }),
  }
}

/** Every failure as a RestartManagerError. */
async function reporting<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storeError(action, error)
  }
}
