import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { targetsBehindLink } from '../../../src/detection/matching.ts'
import { TargetIndex } from '../../../src/detection/target-index.ts'
import { readFileHandle } from '../../../src/linux/file-handle.ts'
import { exactFileNumber, type ExactFileNumber } from '../../../src/linux/file-number.ts'

const path = '/etc/passwd'
const real = exactFileNumber(path) as ExactFileNumber
const number = { dev: Number(real.dev), ino: Number(real.ino) }

function matches(change: { dev?: bigint; handle?: string | null }): boolean {
  const index = new TargetIndex()
  index.add({ path, dev: real.dev, ino: real.ino, handle: null, isDirectory: false, replaced: false, ...change })
  return targetsBehindLink(index, number, path).length === 1
}

describe('a file and a target', () => {
  it('are the same by device and inode', () => assert.ok(matches({})))
  it('are not where the device differs', () => assert.ok(!matches({ dev: real.dev + 1n })))
  it('are the same where the handle is', () => assert.ok(matches({ handle: readFileHandle(path) })))
  it(
    'are not where the handle differs: the inode number was used again',
    { skip: !readFileHandle(path) && 'no handles here' },
    () => assert.ok(!matches({ handle: 'ff' })),
  )
})
