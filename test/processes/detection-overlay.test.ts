import assert from 'node:assert/strict'
import { chmodSync, mkdtempDisposableSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createMappingReader } from '../../src/linux/mapping-reader.ts'
import { detectAs, registered, usesBy } from '../support/detection.ts'
import { startFixture } from '../support/fixture.ts'

/** Layers on two file systems: then stat(2) and maps differ in the device. All of it goes with the mount namespace. */
const mountOverlay = `
  set -e
  user="$1"; cd "$2"; shift 2
  mkdir lower upper merged
  mount -t tmpfs tmpfs lower; echo x >lower/file
  mount -t tmpfs tmpfs upper; mkdir upper/layer upper/work
  mount -t overlay overlay -o lowerdir=lower,upperdir=upper/layer,workdir=upper/work merged
  cd /
  exec setpriv --reuid "$user" --regid "$user" --clear-groups "$@"`
const inPrivateMounts = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mountOverlay, 'sh']

const nobody = 65534

describe('overlayfs', { skip: process.getuid?.() !== 0 && 'mounting takes root' }, () => {
  it('finds a mapping whose device is not the one of stat', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
    const file = join(folder.path, 'merged', 'file')
    const under = [...inPrivateMounts, '0', folder.path]
    await using mapper = await startFixture('maps-a-file', [file], { under })
    const path = `/proc/${mapper.pid}/root${file}`
    const { dev, ino } = statSync(path)
    const mapped = Array.from(createMappingReader().read(mapper.pid), (mapping) => ({ ...mapping }))
    assert.ok(mapped.some((mapping) => mapping.ino === ino))
    assert.ok(!mapped.some((mapping) => mapping.ino === ino && mapping.dev === dev), 'the devices should differ here')
    assert.deepEqual(await usesBy(mapper.pid, [registered(path)]), [`${path} mapped`])
  })

  it('finds it without the right to follow map_files, by the path in the root of the process', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
    chmodSync(folder.path, 0o755)
    const file = join(folder.path, 'merged', 'file')
    const under = [...inPrivateMounts, String(nobody), folder.path]
    await using mapper = await startFixture('maps-a-file', [file], { under })
    const path = `/proc/${mapper.pid}/root${file}`
    const { uses } = await detectAs(nobody, [path])
    assert.deepEqual(
      uses.map((use) => [use.process.pid, use.path, use.as, use.replaced]),
      [[mapper.pid, path, 'mapped', false]],
    )
  })
})
