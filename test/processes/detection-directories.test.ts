import assert from 'node:assert/strict'
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { registered, usesBy } from '../support/detection.ts'
import { startFixture } from '../support/fixture.ts'

const temporary = () => mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))

describe('who uses a directory', () => {
  it('finds who uses a file somewhere beneath it, under the path of the directory', async () => {
    using folder = temporary()
    const deep = join(folder.path, 'a', 'b')
    mkdirSync(deep, { recursive: true })
    writeFileSync(join(deep, 'file'), 'x')
    writeFileSync(join(folder.path, 'other'), 'x')
    await using opener = await startFixture('opens-a-file', [join(deep, 'file')])
    await using mapper = await startFixture('maps-a-file', [join(folder.path, 'other')])
    const directory = registered(folder.path)
    assert.deepEqual(await usesBy(opener.pid, [], [directory]), [`${folder.path} open`])
    assert.deepEqual(await usesBy(mapper.pid, [], [directory]), [`${folder.path} mapped`])
  })

  it('finds who works in it or beneath it, and not who works above it', async () => {
    using folder = temporary()
    const directory = join(folder.path, 'directory')
    const beneath = join(directory, 'beneath')
    mkdirSync(beneath, { recursive: true })
    await using inside = await startFixture('works-in-a-directory', [directory])
    await using below = await startFixture('works-in-a-directory', [beneath])
    await using above = await startFixture('works-in-a-directory', [folder.path])
    const targets = [registered(directory)]
    assert.deepEqual(await usesBy(inside.pid, [], targets), [`${directory} working-directory`])
    assert.deepEqual(await usesBy(below.pid, [], targets), [`${directory} working-directory`])
    assert.deepEqual(await usesBy(above.pid, [], targets), [])
  })

  it('does not count a working directory as a use of a file in it', async () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    writeFileSync(file, 'x')
    await using fixture = await startFixture('works-in-a-directory', [folder.path])
    assert.deepEqual(await usesBy(fixture.pid, [registered(file)]), [])
  })

  it('finds who has it for the root directory', { skip: process.getuid?.() !== 0 && 'chroot needs root' }, async () => {
    using folder = temporary()
    await using fixture = await startFixture('roots-in-a-directory', [folder.path])
    assert.deepEqual(await usesBy(fixture.pid, [], [registered(folder.path)]), [`${folder.path} root-directory`])
  })

  it('does not follow symbolic links out of it, and finds files whose names are no UTF-8', async () => {
    using folder = temporary()
    using elsewhere = temporary()
    writeFileSync(join(elsewhere.path, 'file'), 'x')
    symlinkSync(elsewhere.path, join(folder.path, 'link'))
    const odd = Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0xff, 0xfe])])
    writeFileSync(odd, 'x')
    symlinkSync(odd, join(elsewhere.path, 'odd'))
    await using outside = await startFixture('opens-a-file', [join(elsewhere.path, 'file')])
    await using inside = await startFixture('opens-a-file', [join(elsewhere.path, 'odd')])
    assert.deepEqual(await usesBy(outside.pid, [], [registered(folder.path)]), [])
    assert.deepEqual(await usesBy(inside.pid, [], [registered(folder.path)]), [`${folder.path} open`])
  })
})

/** A file mounted over another inside of DIR/directory; all of it goes with the mount namespace. */
const mountOver = `
  set -e
  cd "$1"; shift
  mkdir directory; echo hidden >directory/file; ln directory/file hidden; echo mounted >mounted
  mount --bind mounted directory/file
  cd /
  exec "$@"`

describe(
  'a file mounted over another in a directory',
  { skip: process.getuid?.() !== 0 && 'mounting takes root' },
  () => {
    it('lies in it, and the one beneath does not', async () => {
      using folder = temporary()
      const under = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mountOver, 'sh', folder.path]
      await using above = await startFixture('opens-a-file', [join(folder.path, 'directory/file')], { under })
      await using beneath = await startFixture('opens-a-file', [join(folder.path, 'hidden')])
      const inside = registered(`/proc/${above.pid}/root${folder.path}/directory`)
      assert.deepEqual(await usesBy(above.pid, [], [inside]), [`${inside.path} open`])
      assert.deepEqual(await usesBy(beneath.pid, [], [inside]), [])
      const outside = registered(join(folder.path, 'directory'))
      assert.deepEqual(await usesBy(above.pid, [], [outside]), [])
      assert.deepEqual(await usesBy(beneath.pid, [], [outside]), [`${outside.path} open`])
    })
  },
)
