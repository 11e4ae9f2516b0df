import assert from 'node:assert/strict'
import { linkSync, mkdirSync, mkdtempDisposableSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { runInSlices } from '../../../src/detection/slices.ts'
import { indexTargets, type DetectionTargets } from '../../../src/detection/targets.ts'
import type { TargetIndex } from '../../../src/detection/target-index.ts'
import { inspectPath } from '../../../src/linux/inspect-path.ts'

const temporary = () => mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
const indexed = (targets: Partial<DetectionTargets>): Promise<TargetIndex> =>
  runInSlices(indexTargets({ files: [], directories: [], ...targets }))

describe('The targets', () => {
  it('are what stat says, also where a directory with many of them is listed', async () => {
    using folder = temporary()
    const names = [
      ...Array.from({ length: 40 }, (_, index) => `file ${index}`),
      'ä',
      'link',
      'hard',
      'directory',
      'a\nb',
    ]
    mkdirSync(join(folder.path, 'directory'))
    for (const name of names)
      if (!['link', 'hard', 'directory'].includes(name)) writeFileSync(join(folder.path, name), '')
    writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0xff])]), '')
    writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0xe4])]), '')
    symlinkSync('/etc/passwd', join(folder.path, 'link'))
    linkSync(join(folder.path, 'ä'), join(folder.path, 'hard'))
    const paths = [
      ...names.map((name) => join(folder.path, name)),
      `${folder.path}/\udcff`,
      `${folder.path}/\udce4`,
      `${folder.path}/nothing`,
    ]
    const index = await indexed({ files: paths.map((path) => ({ path, identity: null })) })
    for (const path of paths) {
      const identity = inspectPath(path)?.identity
      const targets = identity && index.candidates(Number(identity.ino))?.filter((one) => one.path === path)
      const expected = identity && [
        { path, dev: identity.dev, ino: identity.ino, isDirectory: false, replaced: false, handle: null },
      ]
      assert.deepEqual(targets, expected)
    }
    assert.equal(index.size, names.length + 1, 'one has two names, two more are odd, one names nothing')
  })

  it('beneath a directory are each there once, of all their names', async () => {
    using folder = temporary()
    writeFileSync(join(folder.path, 'file'), '')
    linkSync(join(folder.path, 'file'), join(folder.path, 'hard'))
    const { dev, ino } = statSync(join(folder.path, 'file'), { bigint: true })
    const { path } = folder
    const index = await indexed({ directories: [{ path, identity: null }] })
    const file = { path, dev, ino, isDirectory: false, replaced: false, handle: null }
    assert.deepEqual(index.candidates(Number(ino)), [file])
    assert.equal(index.candidates(Number(ino)), index.candidates(Number(ino)), 'the same object again')
    assert.equal([...index.inodes()].length, index.size)
    assert.deepEqual([index.hasDirectories, [...index.devices.keys()]], [true, [dev]])
    const both = await indexed({
      files: [{ path: join(path, 'hard'), identity: null }],
      directories: [{ path, identity: null }],
    })
    assert.deepEqual(both.candidates(Number(ino)), [{ ...file, path: join(path, 'hard') }, file])
  })

  it('say which paths could not be looked at', async () => {
    using folder = temporary()
    const loop = join(folder.path, 'loop')
    symlinkSync(loop, loop)
    const identity = { dev: 1n, ino: 2n, handle: null }
    const reason = 'too many symbolic links encountered (ELOOP)'
    const index = await indexed({ files: [{ path: loop, identity }], directories: [{ path: `${loop}/a`, identity }] })
    assert.deepEqual(index.unreadable, [
      { path: loop, reason },
      { path: `${loop}/a`, reason },
    ])
    assert.deepEqual(
      index.candidates(2)?.map(({ path, replaced }) => [path, replaced]),
      [
        [loop, false],
        [`${loop}/a`, false],
      ],
      'what was registered is looked for all the same',
    )
  })
})
