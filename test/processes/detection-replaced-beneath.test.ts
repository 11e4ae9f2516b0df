import assert from 'node:assert/strict'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempDisposableSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { startSession } from '../../src/index.ts'
import { readFileHandle } from '../../src/linux/file-handle.ts'
import type { FileUse, RegisteredDirectory } from '../../src/model/index.ts'
import { identifyResources } from '../../src/session/resources.ts'
import { usesBy } from '../support/detection.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

const temporary = () => mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))

/** A directory as a session registers it, with what lies beneath. */
async function remembered(path: string): Promise<RegisteredDirectory> {
  const { directories } = await identifyResources({ directories: [path] }, [])
  return directories[0] as RegisteredDirectory
}

function replace(file: string): void {
  writeFileSync(`${file}.new`, 'new')
  renameSync(`${file}.new`, file)
}

/** Makes a file with this inode number, which is free; false where somebody else on the file system was quicker. */
function writeWithNumber(file: string, ino: number): boolean {
  for (let others = 0; others < 1000; others += 1) {
    writeFileSync(file, 'new')
    if (statSync(file).ino === ino) return true
    renameSync(file, `${file}.${others}`)
  }
  return false
}

/** Whether a file removed now leaves its inode number to the next one, and has a handle that tells them apart. */
function reusesNumbers(test: TestContext, directory: string): boolean {
  const probe = join(directory, 'probe')
  writeFileSync(probe, '')
  const [{ ino }, handle] = [statSync(probe), readFileHandle(probe)]
  rmSync(probe)
  writeFileSync(probe, '')
  const reuses = statSync(probe).ino === ino && handle !== null && handle !== readFileHandle(probe)
  rmSync(probe)
  if (!reuses) test.skip(`the file system in ${tmpdir()} has no handles or does not use an inode number again at once`)
  return reuses
}

describe('what has changed beneath a registered directory', () => {
  for (const fixture of ['opens-a-file', 'maps-a-file']) {
    const kind = fixture === 'opens-a-file' ? 'open' : 'mapped'

    it(`tells who uses a file that was replaced or removed from who uses the new one (${kind})`, async () => {
      using folder = temporary()
      mkdirSync(join(folder.path, 'a/b'), { recursive: true })
      const files = ['replaced', 'removed', 'same'].map((name) => join(folder.path, 'a/b', name))
      for (const file of files) writeFileSync(file, 'old')
      const [replaced = '', removed = '', same = ''] = files
      const directory = await remembered(folder.path)
      await using ofReplaced = await startFixture(fixture, [replaced])
      await using ofRemoved = await startFixture(fixture, [removed])
      await using ofSame = await startFixture(fixture, [same])
      replace(replaced)
      rmSync(removed)
      await using ofNew = await startFixture(fixture, [replaced])
      const uses = async (pid: number) => usesBy(pid, [], [directory])
      assert.deepEqual(await uses(ofReplaced.pid), [`${folder.path} ${kind} replaced`])
      assert.deepEqual(await uses(ofRemoved.pid), [`${folder.path} ${kind} replaced`])
      assert.deepEqual(await uses(ofSame.pid), [`${folder.path} ${kind}`])
      assert.deepEqual(await uses(ofNew.pid), [`${folder.path} ${kind}`])
    })
  }

  it('finds who uses a file that came later', async () => {
    using folder = temporary()
    const directory = await remembered(folder.path)
    writeFileSync(join(folder.path, 'later'), '')
    await using user = await startFixture('opens-a-file', [join(folder.path, 'later')])
    assert.deepEqual(await usesBy(user.pid, [], [directory]), [`${folder.path} open`])
  })

  it('takes a file that was moved within the directory for the same, and one that was moved out for replaced', async () => {
    using folder = temporary()
    using elsewhere = temporary()
    mkdirSync(join(folder.path, 'a'))
    const [within, out] = ['within', 'out'].map((name) => join(folder.path, name)) as [string, string]
    for (const file of [within, out]) writeFileSync(file, '')
    linkSync(within, join(folder.path, 'a/other name'))
    const directory = await remembered(folder.path)
    await using ofWithin = await startFixture('opens-a-file', [within])
    await using ofOut = await startFixture('opens-a-file', [out])
    rmSync(within)
    renameSync(out, join(elsewhere.path, 'out'))
    assert.deepEqual(await usesBy(ofWithin.pid, [], [directory]), [`${folder.path} open`])
    assert.deepEqual(await usesBy(ofOut.pid, [], [directory]), [`${folder.path} open replaced`])
  })

  it('finds who works in a directory that was removed, also when the registered one itself was made anew', async () => {
    using folder = temporary()
    const path = join(folder.path, 'directory')
    mkdirSync(join(path, 'beneath'), { recursive: true })
    writeFileSync(join(path, 'beneath/file'), '')
    const directory = await remembered(path)
    await using worker = await startFixture('works-in-a-directory', [join(path, 'beneath')])
    await using opener = await startFixture('opens-a-file', [join(path, 'beneath/file')])
    rmSync(path, { recursive: true })
    const uses = async () => [
      ...(await usesBy(worker.pid, [], [directory])),
      ...(await usesBy(opener.pid, [], [directory])),
    ]
    const expected = [`${path} working-directory replaced`, `${path} open replaced`]
    assert.deepEqual(await uses(), expected)
    mkdirSync(path)
    assert.deepEqual(await uses(), expected)
  })

  it('does not take a file elsewhere for an old one whose inode number it got', async (test) => {
    using folder = temporary()
    if (!reusesNumbers(test, folder.path)) return
    const [path, file, other] = ['directory', 'directory/file', 'other'].map((name) => join(folder.path, name)) as [
      string,
      string,
      string,
    ]
    mkdirSync(path)
    writeFileSync(file, 'old')
    const { ino } = statSync(file)
    const directory = await remembered(path)
    rmSync(file)
    if (!writeWithNumber(other, ino)) {
      test.skip('the inode number went to somebody else')
      return
    }
    await using opener = await startFixture('opens-a-file', [other])
    await using mapper = await startFixture('maps-a-file', [other])
    assert.deepEqual(await usesBy(opener.pid, [], [directory]), [])
    assert.deepEqual(await usesBy(mapper.pid, [], [directory]), [])
  })

  it('takes a new file in it for the new one, whatever number it got', async (test) => {
    using folder = temporary()
    if (!reusesNumbers(test, folder.path)) return
    const file = join(folder.path, 'file')
    writeFileSync(file, 'old')
    const directory = await remembered(folder.path)
    const { ino } = statSync(file)
    rmSync(file)
    if (!writeWithNumber(file, ino)) {
      test.skip('the inode number went to somebody else')
      return
    }
    await using user = await startFixture('opens-a-file', [file])
    assert.deepEqual(await usesBy(user.pid, [], [directory]), [`${folder.path} open`])
  })

  it('is remembered by a session, under names of any bytes', async () => {
    using folder = new Folder().holdingSessions()
    const bytes = Buffer.concat([Buffer.from(`${folder.root}/`), Buffer.from('o\xffdd', 'latin1')])
    mkdirSync(bytes)
    const path = `${folder.root}/o\udcffdd`
    const inside = (name: string): Buffer => Buffer.concat([bytes, Buffer.from(`/${name}`)])
    writeFileSync(inside('old'), '')
    writeFileSync(inside('same'), '')
    linkSync(inside('old'), folder.path('opened'))
    linkSync(inside('same'), folder.path('same'))
    await using old = await startFixture('opens-a-file', [folder.path('opened')])
    await using same = await startFixture('opens-a-file', [folder.path('same')])
    await using session = await startSession()
    await session.register({ directories: [path], files: [`${path}/same`] })
    rmSync(inside('old'))
    const list = await session.list()
    assert.deepEqual(list.unreadable, [])
    const uses = list.applications.flatMap((one) => one.uses)
    const by = (pid: number) =>
      uses.filter((use) => use.process.pid === pid).map(({ path, replaced }: FileUse) => [path, replaced])
    assert.deepEqual(by(old.pid), [[path, true]])
    assert.deepEqual(by(same.pid).sort(), [
      [path, false],
      [`${path}/same`, false],
    ])
  })

  it('is found among a hundred thousand files', async () => {
    using folder = mkdtempDisposableSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'restart-manager-'))
    for (let part = 0; part < 100; part += 1) {
      mkdirSync(join(folder.path, String(part)))
      for (let index = 0; index < 1000; index += 1) writeFileSync(join(folder.path, String(part), String(index)), '')
    }
    const [replaced, same] = ['7/77', '99/999'].map((name) => join(folder.path, name)) as [string, string]
    await using ofReplaced = await startFixture('opens-a-file', [replaced])
    await using ofSame = await startFixture('maps-a-file', [same])
    const directory = await remembered(folder.path)
    replace(replaced)
    assert.deepEqual(await usesBy(ofReplaced.pid, [], [directory]), [`${folder.path} open replaced`])
    assert.deepEqual(await usesBy(ofSame.pid, [], [directory]), [`${folder.path} mapped`])
  })
})
