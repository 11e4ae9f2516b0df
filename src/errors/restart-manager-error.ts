import { errorCodes, type ErrorCode } from './codes.ts'

export interface ErrorDetails {
  /** What to do about it; ends in something to type where there is something. */
  hint?: string
  cause?: unknown
}

/**
 * Every failure of the library. `message` says the action, what is and what was wanted; `code` is stable;
 * `win32` is the number of the same error on Windows; `hint` says what to do next.
 */
export class RestartManagerError extends Error {
  override readonly name: string = 'RestartManagerError'
  readonly code: ErrorCode
  readonly win32: number
  readonly hint: string | null

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : {})
    this.code = code
    this.win32 = errorCodes[code].win32
    this.hint = details.hint ?? null
  }
}

/** A shutdown or restart that did not succeed as a whole; `result` holds a row for every application. */
export class OperationError<Result> extends RestartManagerError {
  readonly result: Result

  constructor(code: ErrorCode, message: string, result: Result, details: ErrorDetails = {}) {
    super(code, message, details)
    this.result = result
  }
}
