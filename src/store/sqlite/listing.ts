import { setImmediate } from 'node:timers/promises'
import { RestartManagerError } from '../../errors/index.ts'
import type { SessionSummary } from '../../model/index.ts'
import { whileBusy } from './busy.ts'
import { Connection } from './connection.ts'
import { storeError } from './failures.ts'
import { isCurrent } from './opening.ts'
import { inspectPrivate, type Finding } from '../../linux/private-entry.ts'
import { SessionFile, sessionsDirectory } from './session-file.ts'
import { selectSession, summarize } from './session-row.ts'

/**
 * Summaries of the live and the abandoned sessions, oldest first; none where there is no directory. STORE_FAILED names
 * the file or directory that cannot be used.
 */
export async function listSessions(directory: string, lockTimeoutMs: number): Promise<SessionSummary[]> {
  const listed: Listed[] = []
  for (const file of sessionFiles(directory)) {
    if (requireOurs(file.path, file.inspect())) listed.push(...(await summaryOf(file, lockTimeoutMs)))
    await setImmediate()
  }
  return listed.sort((a, b) => a.startedUs - b.startedUs).map(({ summary }) => summary)
}

/** Those of a runtime directory, unread; none where there is no directory. STORE_FAILED: it cannot be used. */
export function sessionFiles(directory: string): SessionFile[] {
  const sessions = sessionsDirectory(directory)
  if (!requireOurs(directory, inspectPrivate(directory, 'directory'))) return []
  if (!requireOurs(sessions, inspectPrivate(sessions, 'directory'))) return []
  return SessionFile.all(sessions)
}

interface Listed {
  startedUs: number
  summary: SessionSummary
}

/** None where the session is not made yet, has ended or is of an earlier boot. */
async function summaryOf(file: SessionFile, lockTimeoutMs: number): Promise<Listed[]> {
  const deadline = performance.now() + lockTimeoutMs
  let connection: Connection | undefined
  try {
    const opened = (connection = await Connection.open(file.path, deadline))
    return await whileBusy(deadline, () => opened.view(() => listedFrom(opened, file.id)))
  } catch (error) {
    if (!file.isThere()) return []
    throw unreadable(file, error)
  } finally {
    connection?.close()
  }
}

function listedFrom(connection: Connection, id: string): Listed[] {
  const row = selectSession(connection)
  return row && isCurrent(row) ? [{ startedUs: row.started_us, summary: summarize(connection, id, row) }] : []
}

export function unreadable({ path }: SessionFile, error: unknown): RestartManagerError {
  return storeError(`Cannot read session file ${path}`, error, `Remove it where it is of no use: rm ${path}`)
}

/** False where there is nothing. STORE_FAILED: it is not as it should be. */
export function requireOurs(path: string, finding: Finding): boolean {
  if (finding.kind === 'ours') return true
  if (finding.kind === 'missing') return false
  throw new RestartManagerError('STORE_FAILED', `Cannot use ${path}: ${finding.problem}`, { hint: finding.hint })
}
