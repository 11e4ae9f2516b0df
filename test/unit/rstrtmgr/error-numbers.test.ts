import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { errorCodes, RestartManagerError, type ErrorCode } from '../../../src/errors/index.ts'
import { answerOf, failureOf } from '../../../src/rstrtmgr/error-numbers.ts'

const withErrno = (code: string) => Object.assign(new Error(code), { code })

describe('the numbers of errors', () => {
  it('are those of Windows', () => {
    for (const code of Object.keys(errorCodes) as ErrorCode[]) {
      assert.equal(failureOf(new RestartManagerError(code, '')), errorCodes[code].win32)
    }
  })

  it('say that memory or descriptors ran out, wherever that was noticed', () => {
    const cause = new RestartManagerError('STORE_FAILED', '', { cause: withErrno('EMFILE') })
    assert.equal(failureOf(new RestartManagerError('STORE_FAILED', '', { cause })), 14)
    assert.equal(failureOf(withErrno('ENOMEM')), 14)
    assert.equal(failureOf(new RestartManagerError('STORE_FAILED', '', { cause: withErrno('ENOSPC') })), 29)
  })

  it('say that a path may not be looked at', () => {
    assert.equal(failureOf(new RestartManagerError('INVALID_ARGUMENT', '', { cause: withErrno('EACCES') })), 5)
    assert.equal(failureOf(new RestartManagerError('INVALID_ARGUMENT', '', { cause: withErrno('ELOOP') })), 160)
    assert.equal(failureOf(new RestartManagerError('STORE_FAILED', '', { cause: withErrno('EACCES') })), 29)
  })

  it('hide no defect, and nothing that the caller throws', async () => {
    await assert.rejects(
      answerOf(() => Promise.reject(new TypeError('defect'))),
      TypeError,
    )
    await assert.rejects(
      answerOf(() => Promise.reject(withErrno('EACCES'))),
      { code: 'EACCES' },
    )
  })
})
