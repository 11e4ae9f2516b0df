import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { linkSync, lstatSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFileHandle } from '../../../src/linux/file-handle.ts'
import { MountTable } from '../../../src/linux/mount-table.ts'
import { rememberContents, rememberedEntries } from '../../../src/detection/directory-contents.ts'
import { runInSlices } from '../../../src/detection/slices.ts'

const remember = (path: string): Promise<Uint8Array> => runInSlices(rememberContents(path, new MountTable()))

describe('What lies beneath a directory', () => {
  it('is remembered by device, inode number and handle', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
    mkdirSync(join(folder.path, 'a'))
    const names = ['file', 'a', 'a/file', 'a/hard', 'a/link']
    writeFileSync(join(folder.path, 'file'), 'x')
    writeFileSync(join(folder.path, 'a/file'), 'x')
    linkSync(join(folder.path, 'file'), join(folder.path, 'a/hard'))
    symlinkSync('file', join(folder.path, 'a/link'))
    const remembered = Array.from(rememberedEntries(await remember(folder.path)), (entry) => ({
      ...entry,
      handle: entry.handle(),
    }))
    const expected = names.map((name) => {
      const path = join(folder.path, name)
      const { dev, ino } = lstatSync(path)
      const isLink = name === 'a/link'
      const handle = isLink ? remembered.find((entry) => entry.ino === ino)?.handle : readFileHandle(path)
      return { dev, ino, exactIno: null, isDirectory: name === 'a', handle }
    })
    const byNumber = (a: { ino: number }, b: { ino: number }): number => a.ino - b.ino
    assert.deepEqual(remembered.sort(byNumber), expected.sort(byNumber))
  })

  it('takes little room, and is nothing where there is nothing', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
    for (let index = 0; index < 1000; index += 1) writeFileSync(join(folder.path, `a-rather-long-name-${index}`), '')
    const contents = await remember(folder.path)
    assert.equal([...rememberedEntries(contents)].length, 1000)
    assert.ok(contents.length < 40_000, `${contents.length} bytes`)
    assert.equal((await remember(join(folder.path, 'nowhere'))).length, 0)
    assert.equal((await remember(join(folder.path, 'a-rather-long-name-1'))).length, 0)
  })

  it('is not mixed up where two directories are looked at in turns', async () => {
    using one = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
    using two = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
    for (const { path } of [one, two]) {
      for (let index = 0; index < 1000; index += 1) writeFileSync(join(path, String(index)), '')
    }
    const alone = [await remember(one.path), await remember(two.path)]
    const mounts = new MountTable()
    const both = [one, two].map(({ path }) => rememberContents(path, mounts))
    const results: Uint8Array[] = []
    for (let turn = 0; results.length < 2; turn += 1) {
      const step = both[turn % 2]?.next()
      if (step?.done) results[turn % 2] = step.value
    }
    assert.deepEqual(results, alone)
  })
})
