import assert from 'node:assert/strict'
import { chmodSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { startSession, type PrimarySession } from '../../src/index.ts'
import { readCredentials } from '../../src/linux/process-details.ts'
import { startApplication, until } from '../support/application.ts'
import { startProgram } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

const needsRoot = process.getuid?.() === 0 ? false : 'needs root, to restart programs of other users'
const nobody = 65534

describe('a program of another user that root starts again', { skip: needsRoot }, () => {
  let folder: Folder
  let session: PrimarySession
  let theirs: string

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    folder.writable()
    theirs = folder.directory('theirs')
    folder.give(theirs, nobody)
    session = await startSession()
  })
  afterEach(async () => {
    await session.end().catch(() => undefined)
    folder[Symbol.dispose]()
  })

  const asNobody = (...groups: string[]) => ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, ...groups, '--']
  const environment = () => ({ RESTART_MANAGER_RUNTIME_DIR: theirs })

  it('gets no more access to its standard files than it had', async () => {
    const secret = folder.write('of-root', 'untouched')
    const redirect = ['sh', '-c', `exec "$@" 0<&0 2<${secret}`, 'sh']
    const under = [...asNobody('--clear-groups'), ...redirect]
    await using application = await startApplication(folder, 'one', 'registered', { under, environment: environment() })
    await session.register({ files: [application.file] })
    await session.shutdown()
    await session.restart()
    await until('it runs again', () => application.facts().again)
    const { pid } = application.facts()
    assert.match(
      readFileSync(`/proc/${pid}/fdinfo/2`, 'utf8'),
      /flags:\s+0?[0-7]*0\n/,
      'for reading only, or /dev/null',
    )
    assert.equal(readFileSync(secret, 'utf8'), 'untouched')
  })

  it('is not taken into a directory that it may not enter', async () => {
    const home = folder.directory('home')
    const under = ['env', '--chdir', home, ...asNobody('--clear-groups')]
    await using application = await startApplication(folder, 'one', 'registered', { under, environment: environment() })
    await session.register({ files: [application.file] })
    await session.shutdown()
    chmodSync(home, 0o700)
    await assert.rejects(session.restart(), /its user may not go there/)
    chmodSync(home, 0o755)
    await session.restart()
    await until('it runs again', () => application.facts().again)
  })

  it('has no groups where it had none', async () => {
    const under = asNobody('--clear-groups')
    await using application = await startApplication(folder, 'one', 'registered', { under, environment: environment() })
    assert.deepEqual(readCredentials(application.fixture.pid)?.groups, [])
    await session.register({ files: [application.file] })
    await session.shutdown()
    await session.restart()
    await until('it runs again', () => application.facts().again)
    assert.deepEqual(readCredentials(application.facts().pid), { uid: nobody, gid: nobody, groups: [] })
  })

  it('keeps its group also where it is root', async () => {
    const under = ['setpriv', `--regid=${nobody}`, '--clear-groups', '--']
    await using application = await startApplication(folder, 'one', 'registered', { under })
    await session.register({ files: [application.file] })
    await session.shutdown()
    await session.restart()
    await until('it runs again', () => application.facts().again)
    assert.deepEqual(readCredentials(application.facts().pid), { uid: 0, gid: nobody, groups: [] })
  })

  it('stays down where it lives in another mount namespace, and the list says so', async () => {
    const under = ['unshare', '--mount']
    await using application = await startApplication(folder, 'one', 'registered', { under })
    await session.register({ files: [application.file] })
    const [affected] = (await session.list()).applications
    assert.match(affected?.notRestartable ?? '', /another namespace/)
  })

  it('is critical where it is the first process of a container', async () => {
    const file = folder.write('held', '')
    const command = ['unshare', '--pid', '--fork', '--kill-child', 'sh', '-c', `exec 3<${file}; cat`]
    await using container = startProgram(command)
    await session.register({ files: [file] })
    const init = async () => (await session.list()).applications.find((one) => one.name !== 'unshare')
    await until('it has the file', async () => (await init()) !== undefined)
    const list = await session.list()
    assert.deepEqual(list.rebootReasons, ['critical-process'], String(container.pid))
    assert.match((await init())?.critical ?? '', /first process of a container/)
  })
})
