import type * as Sqlite from 'node:sqlite'
import { pathToFileURL } from 'node:url'

let sqlite: typeof Sqlite | undefined

/**
 * Opens a database file that is there. Not SQLite's habit of making one that is not: it may have been removed since it was
 * looked at. Node before 22.15 takes no URL and so no mode; there the session file that comes into being is empty, which
 * counts as no session.
 */
export function openDatabase(path: string): Sqlite.DatabaseSync {
  sqlite ??= loadQuietly()
  const url = pathToFileURL(path)
  url.searchParams.set('mode', 'rw')
  try {
    return new sqlite.DatabaseSync(url)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_INVALID_ARG_TYPE') throw error
    return new sqlite.DatabaseSync(path)
  }
}

/** Node 22 warns on standard error that its SQLite is experimental; a library does not print. */
function loadQuietly(): typeof Sqlite {
  const warn: unknown = Reflect.get(process, 'emitWarning')
  process.emitWarning = () => undefined
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    Reflect.set(process, 'emitWarning', warn)
  }
}
