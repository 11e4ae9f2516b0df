import assert from 'node:assert/strict'
import { chmodSync, mkdtempDisposableSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createMappingReader } from '../../src/linux/mapping-reader.ts'
import { readRegularFile } from '../../src/linux/regular-file.ts'
import { detectAs, detectElsewhere, registered, usesBy, withoutKoffi } from '../support/detection.ts'
import { startFixture } from '../support/fixture.ts'
import { numberOf } from '../support/lease.ts'

/** Layers on two file systems: then stat(2) and maps differ in the device. With `xino` stat(2) gives inode numbers beyond 2^63 instead. All of it goes with the mount namespace. */
const mountOverlay = `
  set -e
  user="$1"; cd "$2"; xino="$3"; shift 3
  mkdir lower upper merged
  mount -t tmpfs tmpfs lower; echo x >lower/file; echo x >lower/next
  mount -t tmpfs tmpfs upper; mkdir upper/layer upper/work
  mount -t overlay overlay -o "xino=$xino,lowerdir=lower,upperdir=upper/layer,workdir=upper/work" merged
  cd /
  exec setpriv --reuid "$user" --regid "$user" --clear-groups "$@"`
const inPrivateMounts = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mountOverlay, 'sh']
const under = (user: number, folder: string, xino = 'off') => [...inPrivateMounts, String(user), folder, xino]

const nobody = 65534

describe('overlayfs', { skip: process.getuid?.() !== 0 && 'mounting takes root' }, () => {
  it('finds a mapping whose device is not the one of stat', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
    const file = join(folder.path, 'merged', 'file')
    await using mapper = await startFixture('maps-a-file', [file], { under: under(0, folder.path) })
    const path = `/proc/${mapper.pid}/root${file}`
    const { dev, ino } = statSync(path)
    const mapped = Array.from(createMappingReader().read(mapper.pid), (mapping) => ({ ...mapping }))
    assert.ok(mapped.some((mapping) => mapping.ino === ino))
    assert.ok(!mapped.some((mapping) => mapping.ino === ino && mapping.dev === dev), 'the devices should differ here')
    assert.deepEqual(await usesBy(mapper.pid, [registered(path)]), [`${path} mapped`])
  })

  it('tells files apart whose inode numbers are the same when rounded, one mapped beside the other', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
    const files = ['file', 'next'].map((name) => join(folder.path, 'merged', name))
    await using mapper = await startFixture('maps-files', files, { under: under(0, folder.path, 'on') })
    const paths = files.map((file) => `/proc/${mapper.pid}/root${file}`)
    const numbers = paths.map((path) => statSync(path).ino)
    assert.ok(numbers[0] === numbers[1] && !Number.isSafeInteger(numbers[0]), numbers.join())
    const expected = paths.map((path) => `${path} mapped`)
    assert.deepEqual((await usesBy(mapper.pid, paths.map(registered))).sort(), expected)
    const { uses } = await detectElsewhere(paths, { first: withoutKoffi })
    assert.deepEqual(uses.map(({ path, as }) => `${path} ${as}`).sort(), expected)
    for (const path of paths) assert.ok(readRegularFile(Buffer.from(path), numberOf(path), 1), 'by Node as well')
  })

  it('finds it without the right to follow map_files, by the path in the root of the process', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
    chmodSync(folder.path, 0o755)
    const file = join(folder.path, 'merged', 'file')
    await using mapper = await startFixture('maps-a-file', [file], { under: under(nobody, folder.path) })
    const path = `/proc/${mapper.pid}/root${file}`
    const { uses } = await detectAs(nobody, [path])
    assert.deepEqual(
      uses.map((use) => [use.process.pid, use.path, use.as, use.replaced]),
      [[mapper.pid, path, 'mapped', false]],
    )
  })
})
