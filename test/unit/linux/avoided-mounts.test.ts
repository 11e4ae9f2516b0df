import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { avoidedMounts } from '../../../src/linux/avoided-mounts.ts'
import { parseMounts } from '../../../src/linux/mounts.ts'

const mounts = parseMounts(
  [
    '1 0 8:1 / / rw - ext4 /dev/sda1 rw',
    '2 1 0:5 / /proc rw - proc proc rw',
    '3 1 0:40 / /home/a/my\\040files rw shared:1 - fuse.sshfs host: rw,user_id=1000',
    '4 1 0:41 / /mnt/fuse rw - fuse program rw',
    '5 1 8:2 / /mnt/ntfs rw - fuseblk /dev/sda2 rw',
    '6 1 0:42 / /net rw - autofs auto rw',
    '7 6 0:43 / /net/host rw - nfs4 host: rw',
    '8 1 0:44 / /mnt/automatic rw - autofs auto rw',
    '9 8 8:3 / /mnt/automatic rw - ext4 /dev/sda3 rw',
    '',
  ].join('\n'),
)

describe('file systems that are not entered', () => {
  it('by names of another user: where a program of his may sit behind them', () => {
    assert.deepEqual([...avoidedMounts(mounts, true)], ['/proc', '/home/a/my files', '/mnt/fuse', '/net'])
  })

  it("by names of one's own: only proc", () => {
    assert.deepEqual([...avoidedMounts(mounts, false)], ['/proc'])
  })
})
