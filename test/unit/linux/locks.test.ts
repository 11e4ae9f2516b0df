import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parseLocks } from '../../../src/linux/locks.ts'

describe('the locks of /proc/locks', () => {
  it('are read whatever their kind, those that wait as well', () => {
    const text = `1: LEASE  ACTIVE    READ  1234 fe:00:527341 0 EOF
2: DELEG  BREAKING  WRITE -1 08:101:18446744073709551615 0 EOF
3: POSIX  ADVISORY  WRITE 77 00:1a:12 128 128
3: -> POSIX  ADVISORY  WRITE 78 00:1a:12 128 128
4: OFDLCK ADVISORY  READ  -1 00:1a:13 0 EOF
`
    assert.deepEqual(parseLocks(text), [
      { kind: 'LEASE', pid: 1234, dev: 0xfe00, ino: 527341 },
      { kind: 'DELEG', pid: -1, dev: 0x10_0801, ino: 2 ** 64 },
      { kind: 'POSIX', pid: 77, dev: 0x1a, ino: 12 },
      { kind: 'POSIX', pid: 78, dev: 0x1a, ino: 12 },
      { kind: 'OFDLCK', pid: -1, dev: 0x1a, ino: 13 },
    ])
  })

  it('are none where there is no line', () => {
    assert.deepEqual(parseLocks(''), [])
  })

  it('leave out what is on no file', () => {
    assert.deepEqual(parseLocks('1: POSIX  ADVISORY  WRITE 77 <none>:0 0 EOF\n'), [])
  })

  it('are not known where a line cannot be read', () => {
    assert.equal(parseLocks('1: LEASE  ACTIVE    READ  1234\n'), null)
  })

  it('can be read on this kernel', () => {
    assert.notEqual(parseLocks(readFileSync('/proc/locks', 'latin1')), null)
  })
})
