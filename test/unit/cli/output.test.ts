import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toJson } from '../../../src/cli/output/json.ts'
import { table } from '../../../src/cli/output/table.ts'
import { count, duration, shown } from '../../../src/cli/output/text.ts'

describe('A table', () => {
  it('has columns as wide as what stands in them, and no spaces at the end of a line', () => {
    const text = table(
      ['NAME', 'PID'],
      [
        ['nginx', '1'],
        ['a', '4194304'],
      ],
    )
    assert.equal(text, 'NAME   PID\nnginx  1\na      4194304')
  })

  it('puts the lines of a cell below each other', () => {
    assert.equal(
      table(
        ['A', 'B'],
        [
          ['x', 'one\ntwo'],
          ['y', 'three'],
        ],
      ),
      'A  B\nx  one\n   two\ny  three',
    )
  })

  it('counts wide characters as two columns and colours as none', () => {
    assert.equal(
      table(
        ['A', 'B'],
        [
          ['日本', 'x'],
          ['\u001b[31mred\u001b[39m', 'y'],
        ],
      ),
      'A     B\n日本  x\n\u001b[31mred\u001b[39m   y',
    )
  })

  it('without rows is its head', () => {
    assert.equal(table(['A', 'B'], []), 'A  B')
  })
})

describe('Text of others', () => {
  it('is shown as it is where it is harmless', () => {
    assert.equal(shown('/srv/Ärger "mit" \\ 日本.txt'), '/srv/Ärger "mit" \\ 日本.txt')
  })

  for (const [what, text, expected] of [
    ['an escape sequence', '\u001b[2J', '\\x1b[2J'],
    ['a title', '\u001b]0;root\u0007', '\\x1b]0;root\\x07'],
    ['a line feed', 'a\nb', 'a\\nb'],
    ['a carriage return', 'a\rb', 'a\\x0db'],
    ['a tabulator and a NUL', '\t\0', '\\x09\\x00'],
    ['DEL and the 8-bit CSI', '\u007f\u009b', '\\x7f\\x9b'],
    ['a line separator', '\u2028', '\\x2028'],
    ['text that runs from right to left', 'a\u202etxt.exe', 'a\\x202etxt.exe'],
    ['bytes that are no UTF-8, beside characters that are two units', '\udc80🙂\udcff', '\\x80🙂\\xff'],
  ] as const) {
    it(`has no power over a terminal: ${what}`, () => assert.equal(shown(text), expected))
  }
})

describe('Numbers in words', () => {
  it('agree with their noun', () => {
    assert.deepEqual(
      [count(0, 'file'), count(1, 'file'), count(2, 'file'), count(1, 'process', 'processes')],
      ['0 files', '1 file', '2 files', '1 process'],
    )
    assert.equal(count(2, 'process', 'processes'), '2 processes')
  })

  it('are milliseconds below a second, and seconds with one decimal place', () => {
    assert.deepEqual([0, 20, 999, 1000, 1549, 60_000].map(duration), [
      '0 ms',
      '20 ms',
      '999 ms',
      '1.0 s',
      '1.5 s',
      '60.0 s',
    ])
  })
})

describe('JSON', () => {
  it('has every bigint as a decimal string, however deep', () => {
    const largest = 2n ** 64n - 1n
    assert.equal(
      toJson({ a: largest, b: [{ c: 1n }], d: 1, e: null }),
      '{"a":"18446744073709551615","b":[{"c":"1"}],"d":1,"e":null}',
    )
  })

  it('is one line, or indented', () => {
    assert.equal(toJson({ a: 'x\ny' }), '{"a":"x\\ny"}')
    assert.equal(toJson([1], 2), '[\n  1\n]')
  })
})
