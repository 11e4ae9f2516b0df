import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertPath, assertServiceName } from '../../../src/text/index.ts'

describe('A path', () => {
  for (const path of ['/', '/a b', '/a\nb', '/\u001b[31m', '/ä/日本', '/..', '/\udcff', `/${'x/'.repeat(2047)}`]) {
    it(`may be ${JSON.stringify(path.slice(0, 20))} (${path.length} characters)`, () => assertPath(path))
  }

  for (const [path, message] of [
    ['', 'The path is empty; wanted an absolute path'],
    ['a/b', 'Not an absolute path: "a/b"'],
    ['./a', 'Not an absolute path: "./a"'],
    ['~/a', 'Not an absolute path: "~/a"'],
    ['/a\0b', 'The path has a NUL byte: "/a\\u0000b"'],
    [`/${'x'.repeat(4095)}`, 'The path has 4096 bytes; at most 4095 are possible'],
    [`/${'ä'.repeat(2048)}`, 'The path has 4097 bytes; at most 4095 are possible'],
    ['/\ud800', 'The path has half a character: "/\\ud800"'],
    ['/\udc7f', 'The path has half a character: "/\\udc7f"'],
    ['/\udd00', 'The path has half a character: "/\\udd00"'],
    [`/${'\udcff'.repeat(4095)}`, 'The path has 4096 bytes; at most 4095 are possible'],
    [42, 'Not a path: 42; wanted a text'],
    [undefined, 'Not a path: undefined; wanted a text'],
    [null, 'Not a path: null; wanted a text'],
  ] as const) {
    it(`may not be ${JSON.stringify(String(path)).slice(0, 20)}`, () => {
      assert.throws(() => assertPath(path), { code: 'INVALID_ARGUMENT', message })
    })
  }
})

describe('The name of a service', () => {
  for (const name of ['nginx', 'nginx.service', 'getty@tty1', 'a-b_c:d.e', 'dev-disk-by\\x2duuid', 'x'.repeat(255)]) {
    it(`may be ${name.slice(0, 20)}`, () => assert.equal(assertServiceName(name), name))
  }

  for (const name of ['', ' ', 'a b', 'a/b', '../x', 'ä', 'x\n', 'x'.repeat(256), 42, undefined, null]) {
    it(`may not be ${JSON.stringify(String(name)).slice(0, 20)}`, () => {
      assert.throws(() => assertServiceName(name), {
        code: 'INVALID_ARGUMENT',
        message: `Not the name of a service: ${JSON.stringify(name)}; wanted something like nginx or nginx.service`,
      })
    })
  }
})
