import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { pathBytes, pathFromBytes } from '../../../src/text/index.ts'

/** Bytes as Linux takes them for a path, also such that nearly are UTF-8. */
const bytes = fc.oneof(
  fc.uint8Array({ min: 1 }).map((array) => Buffer.from(array)),
  fc
    .array(fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('ä', '日', '🙂', '/')))
    .chain((parts) => fc.tuple(fc.constant(Buffer.from(parts.join(''))), fc.nat(), fc.integer({ min: 1, max: 255 })))
    .map(([text, at, byte]) => Buffer.from(text.map((one, index) => (index === at % text.length ? byte : one)))),
)

const bytesOf = (path: string): Buffer => Buffer.from(pathBytes(path))

describe('The bytes of a path', () => {
  it('come back from the string, whatever they are', () => {
    fc.assert(
      fc.property(bytes, (path) => assert.deepEqual(bytesOf(pathFromBytes(path)), path)),
      { numRuns: 2000 },
    )
  })

  it('come back from its JSON', () => {
    fc.assert(
      fc.property(bytes, (path) => {
        const text = JSON.stringify(pathFromBytes(path))
        assert.ok(text.isWellFormed())
        assert.deepEqual(bytesOf(JSON.parse(text) as string), path)
      }),
    )
  })

  it('are what UTF-8 says, where they are UTF-8, and the string is handed over as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        assert.equal(pathFromBytes(Buffer.from(path)), path)
        assert.equal(pathBytes(path), path)
      }),
    )
  })

  for (const [name, given, path] of [
    ['a byte that is none', [0x2f, 0xff], '/\udcff'],
    ['a character that is cut off', [0x2f, 0xe6, 0x97], '/\udce6\udc97'],
    ['a character in too many bytes', [0xc0, 0xaf], '\udcc0\udcaf'],
    ['a surrogate', [0xed, 0xb3, 0xbf], '\udced\udcb3\udcbf'],
    ['a character beyond Unicode', [0xf5, 0x80, 0x80, 0x80], '\udcf5\udc80\udc80\udc80'],
    ['whole characters around it', [0xc3, 0xa4, 0x80, 0xf0, 0x9f, 0x99, 0x82], 'ä\udc80🙂'],
  ] as const) {
    it(`that are no UTF-8 are lone surrogates: ${name}`, () => {
      assert.equal(pathFromBytes(Buffer.from(given)), path)
      assert.deepEqual(bytesOf(path), Buffer.from(given))
    })
  }
})
