import { errorCodes, RestartManagerError, type ErrorCode } from '../errors/index.ts'

// winerror.h
export const ERROR_SUCCESS = 0
export const ERROR_FILE_NOT_FOUND = 2
export const ERROR_ACCESS_DENIED = 5
export const ERROR_INVALID_HANDLE = 6
export const ERROR_OUTOFMEMORY = 14
export const ERROR_WRITE_FAULT = 29
export const ERROR_NOT_SUPPORTED = 50
export const ERROR_SEM_TIMEOUT = 121
export const ERROR_BAD_ARGUMENTS = 160
export const ERROR_MORE_DATA = 234
export const ERROR_FAIL_NOACTION_REBOOT = 350
export const ERROR_FAIL_SHUTDOWN = 351
export const ERROR_FAIL_RESTART = 352
export const ERROR_MAX_SESSIONS_REACHED = 353
export const ERROR_REQUEST_OUT_OF_SEQUENCE = 776
export const ERROR_SESSION_CREDENTIAL_CONFLICT = 1219
export const ERROR_CANCELLED = 1223
/** The administrator's policy is not understood. */
export const ERROR_BAD_CONFIGURATION = 1610
export const RPC_S_SERVER_UNAVAILABLE = 1722

/** What a function answers that did not do what it was asked. */
export type Failure = (typeof errorCodes)[ErrorCode]['win32'] | typeof ERROR_ACCESS_DENIED | typeof ERROR_OUTOFMEMORY
/** What a function without out-parameters answers. */
export type Answer = typeof ERROR_SUCCESS | Failure

const outOfMemory = new Set(['ENOMEM', 'EMFILE', 'ENFILE', 'ERR_MEMORY_ALLOCATION_FAILED'])
const accessDenied = new Set(['EACCES', 'EPERM'])

/** Does the work; answers ERROR_SUCCESS or the number of what went wrong. */
export async function answerOf(work: () => Promise<unknown>): Promise<Answer> {
  try {
    await work()
    return ERROR_SUCCESS
  } catch (error) {
    return failureOf(error)
  }
}

/**
 * The number that Windows has for a failure. What the system refused has numbers of its own: no memory or descriptors left, and
 * a path that may not be looked at. What is none of the library's errors is thrown on: a defect, or the caller's own.
 */
export function failureOf(error: unknown): Failure {
  const system = systemCodeOf(error)
  if (outOfMemory.has(system)) return ERROR_OUTOFMEMORY
  if (!(error instanceof RestartManagerError)) throw error
  if (error.code === 'INVALID_ARGUMENT' && accessDenied.has(system)) return ERROR_ACCESS_DENIED
  return errorCodes[error.code].win32
}

/** The errno, by its name, at the bottom of it; empty where there is none. */
function systemCodeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if (error.cause !== undefined) return systemCodeOf(error.cause)
  return error instanceof RestartManagerError ? '' : ((error as NodeJS.ErrnoException).code ?? '')
}

/** An argument that cannot be right. */
export function badArgument(message: string): RestartManagerError {
  return new RestartManagerError('INVALID_ARGUMENT', message)
}
