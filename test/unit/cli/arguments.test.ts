import assert from 'node:assert/strict'
import { InvalidArgumentError } from 'commander'
import { describe, it } from 'node:test'
import { parseCount, parsePid, parseSeconds } from '../../../src/cli/arguments.ts'

describe('An argument', () => {
  it('that is a pid is a whole number; whether there can be such a pid is said later', () => {
    assert.deepEqual(['1', '0', '-1', '4194305'].map(parsePid), [1, 0, -1, 4194305])
    for (const text of ['', ' ', '1.5', '0x10', '1e3', 'self', '1 2'])
      assert.throws(() => parsePid(text), InvalidArgumentError)
  })

  it('that is a number of secondaries is a whole number from 0', () => {
    assert.deepEqual(['0', '12'].map(parseCount), [0, 12])
    for (const text of ['', '-1', '1.5', 'two']) assert.throws(() => parseCount(text), InvalidArgumentError)
  })

  it('that is a time-out is seconds, answered in milliseconds', () => {
    assert.deepEqual(['0', '0.5', '30', '86400'].map(parseSeconds), [0, 500, 30_000, 86_400_000])
    for (const text of ['', ' ', '-1', '86401', 'NaN', 'Infinity', '5s']) {
      assert.throws(() => parseSeconds(text), InvalidArgumentError, text)
    }
  })
})
