import type { ErrorCode } from '../errors/index.ts'

/** What restartctl answers; a documented contract. `run` answers with COMMAND's own code where COMMAND failed. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  rebootRequired: 3,
  notStopped: 4,
  notRestarted: 5,
  noSession: 6,
  cancelled: 130,
} as const

const byError: Partial<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: exitCodes.wrongUsage,
  REBOOT_REQUIRED: exitCodes.rebootRequired,
  FAIL_SHUTDOWN: exitCodes.notStopped,
  FAIL_RESTART: exitCodes.notRestarted,
  SESSION_KEY_INVALID: exitCodes.noSession,
  INVALID_SESSION: exitCodes.noSession,
  CANCELLED: exitCodes.cancelled,
}

export function exitCodeOf(code: ErrorCode): number {
  return byError[code] ?? exitCodes.failed
}
