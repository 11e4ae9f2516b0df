import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileGlob, isLiteral, PatternError } from '../../../src/policy/glob.ts'

const cases: [pattern: string, text: string, matches: boolean][] = [
  ['/usr/bin/*', '/usr/bin/cat', true],
  ['/usr/bin/*', '/usr/bin/x/cat', false],
  ['/opt/**', '/opt/a/b/c', true],
  ['/opt/**/run', '/opt/a/b/run', true],
  ['/opt/**', '/optional', false],
  ['postgresql@*.service', 'postgresql@15-main.service', true],
  ['postgresql@*.service', 'postgresql.service', false],
  ['a.c', 'abc', false],
  ['a+(b)', 'a+(b)', true],
  ['php?.?', 'php8.2', true],
  ['php?', 'php/', false],
  ['[ab]x', 'bx', true],
  ['[!ab]x', 'bx', false],
  ['[!ab]x', 'cx', true],
  ['[a-c]', 'b', true],
  ['[]]', ']', true],
  ['[^a]', '^', true],
  ['[!a]', '/', false],
  ['[+-0]', '/', false],
  ['a\\*', 'a*', true],
  ['a\\*', 'ab', false],
  ['*', 'line\nbreak', true],
  ['cat', 'cat ', false],
  ['a-b', 'a-b', true],
  ['?', '😀', true],
  ['/a\\-b', '/a-b', true],
  ['cat', 'concat', false],
  ['/**/a*b/c', '/x/aq/ab/c', true],
  ['/**/a*b/c', '/x/aq/b/c', false],
  ['a*', 'a', true],
  ['a***', 'a', true],
  ['[😀-😂]', '😁', true],
]

describe('A pattern', () => {
  for (const [pattern, text, matches] of cases) {
    it(`${pattern} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () =>
      assert.equal(compileGlob(pattern)(text), matches))
  }

  for (const pattern of ['', '[a', '[', 'a\\', '[z-a]', '{a,b}', 'a}', '[[:digit:]]']) {
    it(`${JSON.stringify(pattern)} is none`, () => assert.throws(() => compileGlob(pattern), PatternError))
  }

  it('takes no longer for a path that somebody made for it', () => {
    const started = performance.now()
    for (const pattern of ['/opt/*a*a*a*a*a*a*a*b', '/**a**a**a**a**a**b', `/${'**/'.repeat(100)}b`]) {
      assert.equal(compileGlob(pattern)(`/opt/${'a'.repeat(4000)}`), false)
    }
    assert.ok(performance.now() - started < 2000)
  })

  it('may be a plain text', () => {
    assert.equal(isLiteral('/usr/bin/a+b'), true)
    for (const pattern of ['*', 'a?', '[a]', 'a\\*']) assert.equal(isLiteral(pattern), false)
  })
})
