import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hashSessionKey, newSessionKey, parseSessionKey, sessionIdOf } from '../../../src/text/session-key.ts'

describe('A session key', () => {
  it('is 32 lower-case hexadecimal digits, and another one every time', () => {
    const keys = Array.from({ length: 100 }, newSessionKey)
    assert.ok(keys.every((key) => /^[0-9a-f]{32}$/.test(key)))
    assert.equal(new Set(keys).size, 100)
  })

  it('is the same in upper case', () => {
    const key = newSessionKey()
    assert.equal(parseSessionKey(key.toUpperCase()), key)
  })

  it('is refused in another shape, without being repeated', () => {
    for (const text of ['', 'secretsecret', 'g'.repeat(32), `${newSessionKey()}\n`, undefined as unknown as string]) {
      assert.throws(
        () => parseSessionKey(text),
        (error: Error) =>
          'code' in error && error.code === 'INVALID_ARGUMENT' && (!text || !error.message.includes(text.trim())),
      )
    }
  })

  it('is known by the hash of its text', () => {
    // printf 00000000000000000000000000000000 | sha256sum
    assert.equal(sessionIdOf(hashSessionKey('0'.repeat(32))), '84e0c0eafaa95a34')
  })
})
