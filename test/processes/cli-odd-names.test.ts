import assert from 'node:assert/strict'
import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { AffectedList } from '../../src/index.ts'
import { restartctl, restartctlCommand, startCommand, type Transcript } from '../fixtures/command.ts'
import { startFixture, type Fixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

describe('restartctl and names that are no UTF-8', () => {
  let folder: Folder
  let user: Fixture

  /** The path of a name in the folder, as bytes; each character of the name is one. */
  const bytes = (name: string): Buffer => Buffer.concat([Buffer.from(`${folder.root}/`), Buffer.from(name, 'latin1')])

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    mkdirSync(bytes('d\xe9j\xe0 vu'))
    writeFileSync(bytes('d\xe9j\xe0 vu/o\xffdd'), '')
    linkSync(bytes('d\xe9j\xe0 vu/o\xffdd'), folder.path('link'))
    user = await startFixture('opens-a-file', [folder.path('link')])
  })
  afterEach(async () => {
    await user.stop()
    folder[Symbol.dispose]()
  })

  /** A shell calls it, as Node cannot: in the script "$@" is restartctl. */
  async function fromShell(script: string): Promise<Transcript> {
    await using command = startCommand(['sh', '-c', script, 'sh', ...restartctlCommand], { cwd: folder.root })
    return await command.ended
  }

  async function pathsUsed(script: string): Promise<string[]> {
    const { code, stdout, stderr } = await fromShell(script)
    assert.deepEqual([code, stderr], [0, ''])
    assert.ok(!stdout.includes('\ufffd'))
    const { applications } = JSON.parse(stdout) as AffectedList
    return [...new Set(applications.flatMap(({ uses }) => uses.map(({ path }) => path)))]
  }

  it('takes them as arguments, and beside them others with what Node writes in their place', async () => {
    writeFileSync(folder.path('real \ufffd'), '')
    await using other = await startFixture('opens-a-file', [folder.path('real \ufffd')])
    const { stdout } = await fromShell(
      `exec "$@" list --json "$(printf 'd\\351j\\340 vu/o\\377dd')" "$(printf 'real \\357\\277\\275')" link`,
    )
    const { applications } = JSON.parse(stdout) as AffectedList
    const uses = applications.flatMap((one) => one.uses.map(({ path, process }) => `${process.pid} ${path}`))
    const expected = [
      `${user.pid} ${folder.root}/d\udce9j\udce0 vu/o\udcffdd`,
      `${user.pid} ${folder.root}/link`,
      `${other.pid} ${folder.root}/real \ufffd`,
    ]
    assert.deepEqual(uses.sort(), expected.sort())
  })

  it('takes them for directories, and from a working directory with such a name', async () => {
    const directory = `${folder.root}/d\udce9j\udce0 vu`
    assert.deepEqual(await pathsUsed(`exec "$@" list --json --directory "$(printf 'd\\351j\\340 vu')"`), [directory])
    assert.deepEqual(await pathsUsed(`cd "$(printf 'd\\351j\\340 vu')"; exec "$@" list --json --directory .`), [
      directory,
    ])
    assert.deepEqual(
      await pathsUsed(`cd "$(printf 'd\\351j\\340 vu')"; exec "$@" list --json "$(printf 'o\\377dd')"`),
      [`${directory}/o\udcffdd`],
    )
  })

  it('takes them from lists, by line and by NUL', async () => {
    const path = `${folder.root}/d\udce9j\udce0 vu/o\udcffdd`
    writeFileSync(bytes('lines'), Buffer.concat([bytes('d\xe9j\xe0 vu/o\xffdd'), Buffer.from('\n')]))
    writeFileSync(bytes('nuls'), Buffer.concat([bytes('d\xe9j\xe0 vu/o\xffdd'), Buffer.from('\0')]))
    assert.deepEqual(await pathsUsed('exec "$@" list --json --from-file lines'), [path])
    assert.deepEqual(await pathsUsed('exec "$@" list --json -0 --from-file - <nuls'), [path])
  })

  it('writes them in JSON as lone surrogates and on a terminal as escapes', async () => {
    const named = await fromShell(`exec "$@" list --json "$(printf 'd\\351j\\340 vu/o\\377dd')"`)
    assert.ok(named.stdout.includes('/d\\udce9j\\udce0 vu/o\\udcffdd"'))
    const shown = await fromShell(`exec "$@" list "$(printf 'd\\351j\\340 vu/o\\377dd')" "$(printf 'not there \\377')"`)
    assert.match(shown.stdout, /\/d\\xe9j\\xe0 vu\/o\\xffdd \(open\)/)
    assert.equal(shown.stderr, `No such file, so nothing uses it: ${folder.root}/not there \\xff\n`)
  })

  it('keeps them in a session', async () => {
    const started = await restartctl(['session', 'start', '--owner', String(process.pid)])
    const environment = `export RESTART_MANAGER_SESSION=${started.stdout.trim()}`
    const registered = await fromShell(
      `${environment}; exec "$@" session register "$(printf 'd\\351j\\340 vu/o\\377dd')"`,
    )
    assert.deepEqual([registered.code, registered.stderr.includes('\ufffd')], [0, false])
    assert.deepEqual(await pathsUsed(`${environment}; exec "$@" list --json`), [
      `${folder.root}/d\udce9j\udce0 vu/o\udcffdd`,
    ])
    await fromShell(`${environment}; exec "$@" session end`)
  })
})
