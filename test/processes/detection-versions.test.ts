import assert from 'node:assert/strict'
import { mkdtempDisposableSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { detectUses } from '../../src/detection/index.ts'
import { registered, usesBy } from '../support/detection.ts'
import { startFixture } from '../support/fixture.ts'

const temporary = () => mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))

describe('which version of a file is used', () => {
  for (const fixture of ['opens-a-file', 'maps-a-file']) {
    const kind = fixture === 'opens-a-file' ? 'open' : 'mapped'

    it(`tells the old from the new after a rename over it (${kind})`, async () => {
      using folder = temporary()
      const file = join(folder.path, 'file')
      writeFileSync(file, 'old')
      const target = registered(file)
      await using before = await startFixture(fixture, [file])
      writeFileSync(`${file}.new`, 'new')
      renameSync(`${file}.new`, file)
      await using after = await startFixture(fixture, [file])
      assert.deepEqual(await usesBy(before.pid, [target]), [`${file} ${kind} replaced`])
      assert.deepEqual(await usesBy(after.pid, [target]), [`${file} ${kind}`])
    })

    it(`still finds a file that was removed (${kind})`, async () => {
      using folder = temporary()
      const file = join(folder.path, 'file')
      writeFileSync(file, 'old')
      const target = registered(file)
      await using user = await startFixture(fixture, [file])
      rmSync(file)
      assert.deepEqual(await usesBy(user.pid, [target]), [`${file} ${kind} replaced`])
    })
  }

  it('still finds a file that has only another name now', async () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    writeFileSync(file, 'old')
    const target = registered(file)
    await using user = await startFixture('opens-a-file', [file])
    renameSync(file, `${file}.old`)
    assert.deepEqual(await usesBy(user.pid, [target]), [`${file} open replaced`])
  })

  it('finds the users of a file that came after its registration', async () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    const target = registered(file)
    assert.equal(target.identity, null)
    writeFileSync(file, 'new')
    await using user = await startFixture('opens-a-file', [file])
    assert.deepEqual(await usesBy(user.pid, [target]), [`${file} open`])
  })

  it('looks at nobody for files that never were', async () => {
    using folder = temporary()
    const detection = await detectUses({ files: [registered(join(folder.path, 'missing'))], directories: [] })
    assert.deepEqual(detection, { uses: [], uninspected: [], unreadable: [], heldByUnknown: [] })
  })

  it('does not take a new file for the old one whose inode number it got', async (test) => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    writeFileSync(file, 'old')
    const target = registered(file)
    rmSync(file)
    const other = join(folder.path, 'other')
    writeFileSync(other, 'other')
    const reused = registered(other).identity
    if (!target.identity?.handle || reused?.ino !== target.identity.ino) {
      test.skip(`the file system in ${tmpdir()} has no handles or does not use an inode number again at once`)
      return
    }
    await using opener = await startFixture('opens-a-file', [other])
    await using mapper = await startFixture('maps-a-file', [other])
    assert.deepEqual(await usesBy(opener.pid, [target]), [])
    assert.deepEqual(await usesBy(mapper.pid, [target]), [])
    assert.deepEqual(await usesBy(opener.pid, [{ path: file, identity: { ...target.identity, handle: null } }]), [
      `${file} open replaced`,
    ])
  })
})
