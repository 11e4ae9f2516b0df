import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { isRunning } from '../../src/linux/process-stat.ts'
import { joinSession, listSessions, openSession, startSession } from '../../src/index.ts'
import {
  RM_FILTER_ACTION,
  RmAddFilter,
  RmEndSession,
  RmGetFilterList,
  RmJoinSession,
  RmRegisterResources,
  RmRestart,
  RmShutdown,
  toProcessIdentity,
  toUniqueProcess,
  type RmSessionHandle,
} from '../../src/rstrtmgr.ts'
import { restartctl } from '../fixtures/command.ts'
import { startApplication, until } from '../support/application.ts'
import { Folder } from '../support/folder.ts'
import { entryOf, startTestSession, wholeList } from './installer.ts'

describe('a session has two faces', () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  async function joined(key: string): Promise<RmSessionHandle> {
    const result = await RmJoinSession(key)
    assert.equal(result.error, 0)
    return result.sessionHandle
  }

  async function command(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await restartctl(words)
    assert.equal(code, 0, stderr)
    return stdout
  }

  it('started as on Windows, joined by the library, which also acts for the primary', async () => {
    await using application = await startApplication(folder, 'one')
    const { process } = application.fixture
    await using session = await startTestSession()
    await using secondary = await joinSession(session.key)
    await secondary.register({ files: [application.file] })
    assert.deepEqual(toProcessIdentity(entryOf(await wholeList(session.handle), process).Process), process)
    assert.deepEqual(
      (await secondary.list()).applications.map((one) => one.process),
      [process],
    )
    assert.equal((await listSessions()).length, 1)
    const primary = await openSession(session.key)
    await primary.filters.add({ process }, 'no-restart')
    const filters = await RmGetFilterList(session.handle, 1)
    assert.deepEqual('filters' in filters && filters.filters[0], {
      FilterAction: RM_FILTER_ACTION.RmNoRestart,
      FilterTrigger: 2,
      Process: toUniqueProcess(process),
      cbNextOffset: 0,
    })
    await primary.filters.remove({ process })
    await primary.shutdown()
    assert.equal(isRunning(process), false)
    assert.equal(await RmRestart(session.handle, 0), 0)
    await until('it runs again', () => application.facts().again)
    assert.equal(await RmEndSession(session.handle), 0)
    await assert.rejects(secondary.list(), { code: 'INVALID_SESSION' })
  })

  it('started by the library, joined as on Windows', async () => {
    await using application = await startApplication(folder, 'one')
    const { process } = application.fixture
    await using primary = await startSession()
    const handle = await joined(primary.key)
    const unique = toUniqueProcess(process)
    assert.equal(await RmRegisterResources(handle, null, [unique], null), 0)
    entryOf(await wholeList(handle), process)
    assert.deepEqual(
      (await primary.list()).applications.map((one) => one.process),
      [process],
    )
    await primary.shutdown()
    assert.equal(entryOf(await wholeList(handle), process).AppStatus, 3)
    assert.equal(await RmRestart(handle, 0), 1219)
    await primary.restart()
    await until('it runs again', () => application.facts().again)
    assert.equal(await RmEndSession(handle), 0)
    assert.deepEqual(
      (await primary.participants()).map(({ state }) => state),
      ['registering', 'left'],
    )
  })

  it('started as on Windows, used by restartctl', async () => {
    await using application = await startApplication(folder, 'one')
    await using spared = await startApplication(folder, 'two')
    const [process, other] = [application.fixture.process, spared.fixture.process]
    await using session = await startTestSession()
    const of = ['--session', session.key]
    await command('session', 'register', ...of, application.file, spared.file)
    const unique = toUniqueProcess(other)
    assert.equal(await RmAddFilter(session.handle, null, unique, null, RM_FILTER_ACTION.RmNoShutdown), 0)
    assert.match(await command('filter', 'list', ...of), new RegExp(`\\b${other.pid}\\b`))
    const list = await wholeList(session.handle)
    for (const one of [process, other]) entryOf(list, one)
    await command('session', 'shutdown', ...of, '--yes')
    assert.equal(isRunning(process), false)
    assert.equal(isRunning(other), true)
    assert.equal(await RmRestart(session.handle, 0), 0)
    await until('it runs again', () => application.facts().again)
    await command('session', 'end', ...of)
    assert.equal(await RmShutdown(session.handle, 0), 6)
    assert.equal(await RmEndSession(session.handle), 6)
  })

  it('started by restartctl, joined as on Windows', async () => {
    await using application = await startApplication(folder, 'one')
    const key = (await command('session', 'start', '--owner', String(process.pid))).trim()
    const handle = await joined(key)
    assert.equal(await RmRegisterResources(handle, [application.file], null, null), 0)
    const primary = await openSession(key)
    assert.equal((await primary.list()).applications[0]?.process.pid, application.fixture.pid)
    assert.equal(await RmEndSession(handle), 0)
    await primary.end()
  })
})
