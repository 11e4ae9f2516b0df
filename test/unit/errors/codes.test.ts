import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exitCodeOf, exitCodes } from '../../../src/cli/exit-codes.ts'
import { errorCodes, OperationError, RestartManagerError, type ErrorCode } from '../../../src/errors/index.ts'

/** What callers and scripts rely on: code, number on Windows, exit code of restartctl. */
const contract: Record<ErrorCode, [win32: number, exit: number]> = {
  INVALID_ARGUMENT: [160, 2],
  INVALID_SESSION: [6, 6],
  NOT_PRIMARY: [1219, 1],
  SESSION_KEY_INVALID: [1219, 6],
  TOO_MANY_SESSIONS: [353, 1],
  STORE_BUSY: [121, 1],
  STORE_FAILED: [29, 1],
  REBOOT_REQUIRED: [350, 3],
  FAIL_SHUTDOWN: [351, 4],
  FAIL_RESTART: [352, 5],
  OUT_OF_SEQUENCE: [776, 1],
  CANCELLED: [1223, 130],
  PROCESS_NOT_FOUND: [87, 1],
  FILTER_NOT_FOUND: [2, 1],
  SERVICE_MANAGER_FAILED: [1722, 1],
  POLICY_INVALID: [1610, 1],
  UNSUPPORTED_PLATFORM: [50, 1],
}
const codes = Object.keys(errorCodes) as ErrorCode[]

describe('The error codes', () => {
  it('are those of the contract, with their numbers on Windows', () => {
    assert.deepEqual(
      Object.fromEntries(codes.map((code) => [code, errorCodes[code].win32])),
      Object.fromEntries(Object.entries(contract).map(([code, [win32]]) => [code, win32])),
    )
  })

  it('have the exit codes of the contract', () => {
    assert.deepEqual(
      Object.fromEntries(codes.map((code) => [code, exitCodeOf(code)])),
      Object.fromEntries(Object.entries(contract).map(([code, [, exit]]) => [code, exit])),
    )
    assert.deepEqual(Object.values(exitCodes), [0, 1, 2, 3, 4, 5, 6, 130])
  })

  it('come with the error, and so do hint and cause', () => {
    const cause = new Error('below')
    const error = new RestartManagerError('STORE_BUSY', 'Cannot read it', { hint: 'Try again', cause })
    assert.ok(error instanceof Error)
    assert.deepEqual(
      [error.name, error.code, error.win32, error.message, error.hint, error.cause],
      ['RestartManagerError', 'STORE_BUSY', 121, 'Cannot read it', 'Try again', cause],
    )
    const plain = new RestartManagerError('CANCELLED', 'Cancelled')
    assert.equal(plain.hint, null)
    assert.equal('cause' in plain, false)
  })

  it('come with the rows of an operation', () => {
    const error = new OperationError('FAIL_RESTART', 'Not everything came back', { applications: [] })
    assert.ok(error instanceof RestartManagerError)
    assert.deepEqual([error.code, error.win32, error.result], ['FAIL_RESTART', 352, { applications: [] }])
  })
})
