import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseMapsLine } from '../../../src/linux/maps-text.ts'

it('reads a line of maps from the bytes and leaves the path alone', () => {
  const into = { dev: 0, ino: 0, start: 0, end: 0, executable: false }
  const text = 'ffffffffff600000-ffffffffff601000 r-xp 0000abcd 103:1ff 4398046511105    /a b 7f-8f (deleted)\n'
  parseMapsLine(Buffer.from(`x\n${text}`), 2, into)
  assert.deepEqual(into, {
    start: 0xffffffffff600000,
    end: 0xffffffffff601000,
    dev: 0x1103ff,
    ino: 4398046511105,
    executable: true,
  })
})

it('rounds an inode number that is too large as everybody else does', () => {
  const into = { dev: 0, ino: 0, start: 0, end: 0, executable: false }
  for (let inode = 2n ** 63n + 1n; inode < 2n ** 64n; inode += 2n ** 55n + 12_345_678_901n) {
    parseMapsLine(Buffer.from(`0-1 r--p 0 0:29 ${inode} /a\n`), 0, into)
    assert.equal(into.ino, Number(inode), `${inode}`)
  }
})
