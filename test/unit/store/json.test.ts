import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeJson, encodeJson } from '../../../src/store/sqlite/json.ts'

/** JSON values with bigints anywhere, and keys that look like the tag of the encoding. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.bigInt(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$bigint', '$$bigint', '__proto__')), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
}))

describe('JSON with bigints', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(value, (before) => {
        assert.deepEqual(decodeJson(encodeJson(before)), before)
      }),
      { numRuns: 2000 },
    )
  })

  it('tells a bigint from an object that looks like an encoded one', () => {
    assert.equal(encodeJson(12n), '{"$bigint":"12"}')
    assert.deepEqual(decodeJson(encodeJson({ $bigint: '12' })), { $bigint: '12' })
    assert.deepEqual(decodeJson(encodeJson({ $bigint: '12', x: undefined })), { $bigint: '12' })
  })

  it('does not mind a toJSON that the program has given to all bigints', (t) => {
    Object.defineProperty(BigInt.prototype, 'toJSON', { value: () => 'changed', configurable: true })
    t.after(() => Reflect.deleteProperty(BigInt.prototype, 'toJSON'))
    assert.deepEqual(decodeJson(encodeJson([12n])), [12n])
  })
})
