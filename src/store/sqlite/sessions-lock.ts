import { RestartManagerError } from '../../errors/index.ts'
import { whileBusy } from './busy.ts'
import { Connection } from './connection.ts'
import { inspectPrivate } from '../../linux/private-entry.ts'
import { makePrivateFile } from './session-file.ts'

/**
 * The lock under which sessions are counted and made: a database that stays empty, locked until the answered connection
 * is closed. It is SQLite's lock, so it goes with the process that holds it, however that ends.
 */
export async function lockSessions(path: string, deadline: number): Promise<Connection> {
  if (inspectPrivate(path, 'file').kind === 'missing') makeLock(path)
  const finding = inspectPrivate(path, 'file')
  if (finding.kind === 'unfit' || finding.kind === 'foreign') {
    throw new RestartManagerError('STORE_FAILED', `Cannot use lock ${path}: ${finding.problem}`, { hint: finding.hint })
  }
  const connection = await Connection.open(path, deadline)
  try {
    await whileBusy(deadline, () => connection.exec('BEGIN IMMEDIATE'))
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function makeLock(path: string): void {
  try {
    makePrivateFile(path)
  } catch (error) {
    // Somebody else has made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
