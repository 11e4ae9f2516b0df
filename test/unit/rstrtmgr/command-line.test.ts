import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { joinCommandLine, splitCommandLine } from '../../../src/rstrtmgr/command-line.ts'

// Results of CommandLineToArgvW: its documentation, and the article that it names.
const lines: [string, string[]][] = [
  ['', []],
  [' \t ', []],
  ['a b', ['a', 'b']],
  ['  a\t b  ', ['a', 'b']],
  ['"a b" c', ['a b', 'c']],
  ['a"b c"d', ['ab cd']],
  ['""', ['']],
  ['a "" b', ['a', '', 'b']],
  ['"abc" d e', ['abc', 'd', 'e']],
  ['a\\\\b d"e f"g h', ['a\\\\b', 'de fg', 'h']],
  ['a\\\\\\"b c d', ['a\\"b', 'c', 'd']],
  ['a\\\\\\\\"b c" d e', ['a\\\\b c', 'd', 'e']],
  ['a"b"" c d', ['ab"', 'c', 'd']],
  ['"a""b c" d', ['a"b', 'c d']],
  ['"""a', ['"a']],
  ['"\\\\" b', ['\\', 'b']],
  ['C:\\path\\ b', ['C:\\path\\', 'b']],
  ['"never ends', ['never ends']],
  ['a\nb', ['a\nb']],
]

const character = fc.constantFrom('"', '\\', ' ', '\t', '\n', 'a', 'ä', '😀')
const argument = fc.oneof(
  fc.string({ unit: character }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
)

describe('a command line', () => {
  for (const [line, list] of lines) {
    it(`is taken apart: ${JSON.stringify(line)}`, () => assert.deepEqual(splitCommandLine(line), list))
  }

  it('is put together so that it is taken apart again', () => {
    fc.assert(
      fc.property(fc.array(argument), (list) => {
        assert.deepEqual(splitCommandLine(joinCommandLine(list)), list)
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps what needs no quotation marks as it is', () => {
    assert.equal(joinCommandLine(['--port=1', 'C:\\a\\', 'x y', '']), '--port=1 C:\\a\\ "x y" ""')
    assert.equal(joinCommandLine(['a b\\', 'say "hi"']), '"a b\\\\" "say \\"hi\\""')
  })

  it('never gets longer by being taken apart', () => {
    fc.assert(
      fc.property(fc.string({ unit: character }), (line) => {
        assert.ok(splitCommandLine(line).join(' ').length <= line.length)
      }),
      { numRuns: 2000 },
    )
  })
})
