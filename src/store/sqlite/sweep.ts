import { setImmediate } from 'node:timers/promises'
import { sqliteCode, SQLITE_BUSY } from './failures.ts'
import { Connection } from './connection.ts'
import { SessionFile } from './session-file.ts'
import { selectSession, standingOf, type Standing } from './session-row.ts'

/**
 * Removes the sessions that nobody needs and answers how many live ones there are. To be called with the lock held
 * under which sessions are made. A file that cannot be read is left alone and does not count: it is reported when
 * sessions are listed.
 */
export async function sweep(sessions: string): Promise<number> {
  let live = 0
  for (const file of SessionFile.all(sessions)) {
    if (file.inspect().kind === 'ours' && (await standing(file)) === 'live') live++
    await setImmediate()
  }
  return live
}

/** Removes the file where it is removable. One in which somebody is just working counts as live. */
async function standing(file: SessionFile): Promise<Standing | 'unreadable'> {
  let connection: Connection | undefined
  try {
    connection = await Connection.open(file.path, 0)
    connection.exec('BEGIN IMMEDIATE')
    const row = selectSession(connection)
    const standing = standingOf(connection, row)
    if (standing === 'removable') {
      if (row) connection.exec('UPDATE session SET ended = 1')
      connection.exec('COMMIT')
      file.remove()
    }
    return standing
  } catch (error) {
    return sqliteCode(error) === SQLITE_BUSY ? 'live' : 'unreadable'
  } finally {
    connection?.close()
  }
}
