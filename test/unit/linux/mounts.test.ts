import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { describe, it } from 'node:test'
import { MountTable } from '../../../src/linux/mount-table.ts'
import { parseMounts, readMounts } from '../../../src/linux/mounts.ts'

describe('mountinfo', () => {
  it('is read with any number of tags, also none', () => {
    const text = [
      '22 1 254:0 / / rw,relatime - ext4 /dev/root rw',
      '23 22 0:5 / /dev rw,relatime shared:2 - devtmpfs devtmpfs rw,size=4k',
      '24 22 259:513 /of/it /a/b rw shared:1 master:2 propagate_from:3 unbindable - fuse.sshfs host:/x - rw',
      '',
    ].join('\n')
    assert.deepEqual(parseMounts(text), [
      { dev: 0xfe00, point: '/', type: 'ext4' },
      { dev: 0x5, point: '/dev', type: 'devtmpfs' },
      { dev: 0x210301, point: '/a/b', type: 'fuse.sshfs' },
    ])
  })

  it('has the mount points as bytes, blanks and backslashes and what is no UTF-8 among them', () => {
    const [mount] = parseMounts('1 1 0:1 / /a\\040b\\134040\\012\\303\xff rw - tmpfs none rw')
    assert.equal(mount?.point, '/a b\\040\n\xc3\xff')
  })

  it('names the devices as stat does', () => {
    const mount = readMounts().findLast(({ point }) => point === '/proc')
    assert.deepEqual([mount?.type, mount?.dev], ['proc', statSync('/proc').dev])
    const table = new MountTable()
    assert.deepEqual([table.isPseudo(statSync('/proc').dev), table.isPseudo(statSync('/etc').dev)], [true, false])
    assert.deepEqual([table.isQuick(statSync('/proc').dev), table.isQuick(0)], [false, true])
  })

  it('tells what is mounted beneath a directory, by any of its names', () => {
    const table = new MountTable()
    for (const root of ['/', '/proc/self/root']) {
      const beneath = table.beneath(root)
      assert.ok(beneath.known)
      assert.ok(beneath.pointsIn('')?.has('proc'))
      assert.ok(beneath.leadsToPoint(''))
      assert.ok(!beneath.leadsToPoint('/proc/nothing'))
    }
    assert.ok(!table.beneath('/etc').pointsIn('')?.has('proc'))
  })
})
