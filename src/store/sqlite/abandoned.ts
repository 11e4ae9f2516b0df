import { setImmediate } from 'node:timers/promises'
import { isRunning } from '../../linux/process-stat.ts'
import { whileBusy } from './busy.ts'
import { Connection } from './connection.ts'
import { requireOurs, sessionFiles, unreadable } from './listing.ts'
import { isCurrent } from './opening.ts'
import type { SessionFile } from './session-file.ts'
import { ownerOf, selectSession } from './session-row.ts'

/** An abandoned session, open. */
export interface Abandoned {
  connection: Connection
  file: SessionFile
}

/**
 * Opens the sessions whose owner has ended, oldest first. `failures`: why one could not be read. STORE_FAILED: the directory
 * cannot be used.
 */
export async function openAbandoned(
  directory: string,
  lockTimeoutMs: number,
): Promise<{ abandoned: Abandoned[]; failures: Error[] }> {
  const found: (Abandoned & { startedUs: number })[] = []
  const failures: Error[] = []
  for (const file of sessionFiles(directory)) {
    try {
      if (requireOurs(file.path, file.inspect())) found.push(...(await openWhereAbandoned(file, lockTimeoutMs)))
    } catch (error) {
      if (file.isThere()) failures.push(unreadable(file, error))
    }
    await setImmediate()
  }
  return { abandoned: found.sort((a, b) => a.startedUs - b.startedUs), failures }
}

async function openWhereAbandoned(file: SessionFile, lockTimeoutMs: number) {
  const deadline = performance.now() + lockTimeoutMs
  const connection = await Connection.open(file.path, deadline)
  try {
    const row = await whileBusy(deadline, () => connection.view(() => selectSession(connection)))
    if (row && isCurrent(row) && !isRunning(ownerOf(row))) return [{ connection, file, startedUs: row.started_us }]
  } catch (error) {
    connection.close()
    throw error
  }
  connection.close()
  return []
}
