import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultTimeouts, timeoutsOf } from '../../../src/session/options.ts'

describe('The time-outs of an operation', () => {
  it('are the defaults where nothing else is said', () => {
    assert.deepEqual(timeoutsOf(), { queryMs: 5000, applicationMs: 30_000, serviceMs: 20_000 })
    assert.deepEqual(timeoutsOf({ applicationMs: 0 }), { ...defaultTimeouts, applicationMs: 0 })
    assert.deepEqual(timeoutsOf({ serviceMs: 2 ** 31 - 1 }).serviceMs, 2 ** 31 - 1)
  })

  for (const value of [-1, NaN, Infinity, 2 ** 31, '30', null]) {
    it(`are refused where one is ${JSON.stringify(value)} (${String(value)})`, () => {
      assert.throws(() => timeoutsOf({ applicationMs: value as number }), {
        code: 'INVALID_ARGUMENT',
        message: `The time-out applicationMs is ${String(value)}; wanted milliseconds from 0 to 2^31-1`,
      })
    })
  }
})
