import { RestartManagerError } from '../../errors/index.ts'

/** Result codes of SQLite (sqlite.org/rescode.html). */
export const SQLITE_BUSY = 5
const SQLITE_READONLY_DBMOVED = 1032

/** The primary result code of an SQLite error; null for any other error. */
export function sqliteCode(error: unknown): number | null {
  const extended = extendedCode(error)
  return extended === null ? null : extended & 0xff
}

/**
 * What went wrong in the store as callers see it: STORE_BUSY, INVALID_SESSION where the file was removed under us,
 * else STORE_FAILED. `action` is the start of the message: "Cannot read session 0123456789abcdef".
 */
export function storeError(action: string, error: unknown, hint?: string): RestartManagerError {
  if (error instanceof RestartManagerError) return error
  if (sqliteCode(error) === SQLITE_BUSY) {
    return new RestartManagerError('STORE_BUSY', `${action}: another process has it locked`, {
      hint: 'Try again; the live sessions are shown by: restartctl sessions',
      cause: error,
    })
  }
  if (extendedCode(error) === SQLITE_READONLY_DBMOVED) return sessionEnded({ cause: error })
  const reason = error instanceof Error ? error.message : String(error)
  return new RestartManagerError('STORE_FAILED', `${action}: ${reason}`, {
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  })
}

/** INVALID_SESSION: the session is not there any more. */
export function sessionEnded(details: { cause?: unknown } = {}): RestartManagerError {
  return new RestartManagerError('INVALID_SESSION', 'The session has ended', {
    hint: 'The live sessions are shown by: restartctl sessions',
    ...details,
  })
}

function extendedCode(error: unknown): number | null {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode : null
}
