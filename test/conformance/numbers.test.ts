import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isRunning } from '../../src/linux/process-stat.ts'
import { identifyProcess, processManager } from '../../src/processes/index.ts'
import { joinCommandLine } from '../../src/rstrtmgr/command-line.ts'
import { listSessions } from '../../src/session/index.ts'
import {
  E_FAIL,
  E_INVALIDARG,
  GetApplicationRestartSettings,
  RegisterApplicationRestart,
  S_OK,
  UnregisterApplicationRestart,
  RM_FILTER_ACTION,
  RM_SHUTDOWN_TYPE,
  RmAddFilter,
  RmCancelCurrentTask,
  RmEndSession,
  RmGetFilterList,
  RmGetList,
  RmJoinSession,
  RmRegisterResources,
  RmRemoveFilter,
  RmRestart,
  RmShutdown,
  RmStartSession,
  toUniqueProcess,
  type RmSessionHandle,
} from '../../src/rstrtmgr.ts'
import { startProgram } from '../fixtures/store-process.ts'
import { startApplication, until, type Facts } from '../support/application.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'
import { startTestSession, wholeList } from './installer.ts'
import { startOtherProcess } from './other-process.ts'

const application = fileURLToPath(new URL('../fixtures/application.ts', import.meta.url))
const outOfDescriptors = fileURLToPath(new URL('../fixtures/out-of-descriptors.ts', import.meta.url))
const self = toUniqueProcess(identifyProcess(process.pid))

describe('what the functions of Windows answer besides the cases', () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  it('160 for arguments that cannot be right', async () => {
    await using session = await startTestSession()
    const { handle } = session
    const { RmNoRestart } = RM_FILTER_ACTION
    const answers = {
      'a relative path': await RmRegisterResources(handle, ['a'], null, null),
      'a path that is none': await RmRegisterResources(handle, [null as never], null, null),
      'a pid for a process': await RmRegisterResources(handle, null, [1 as never], null),
      'a service without a name': await RmRegisterResources(handle, null, null, ['']),
      'half a capacity': (await RmGetList(handle, 0.5)).error,
      'a negative capacity': (await RmGetFilterList(handle, -1)).error,
      'no capacity': (await RmGetList(handle, undefined as never)).error,
      'unknown action flags': await RmShutdown(handle, 2),
      'no action flags': await RmShutdown(handle, undefined as never),
      'action flags of 64 bits': await RmShutdown(handle, 1n as never),
      'action flags beyond 32 bits': await RmShutdown(handle, 2 ** 32),
      'a callback that is none': await RmShutdown(handle, 0, 'x' as never),
      'restart flags': await RmRestart(handle, 1 as never),
      'a filter for nothing': await RmAddFilter(handle, null, null, null, RmNoRestart),
      'a filter for two things': await RmAddFilter(handle, '/bin/x', self, null, RmNoRestart),
      'a filter action that is none': await RmAddFilter(handle, '/bin/x', null, null, 0 as never),
      'a filter for a relative path': await RmAddFilter(handle, 'x', null, null, RmNoRestart),
      'a filter for a service that is a number': await RmAddFilter(handle, null, null, 1 as never, RmNoRestart),
      'no filter to remove': await RmRemoveFilter(handle, null, null, null),
      'a malformed key': (await RmJoinSession('1234')).error,
    }
    const wrong = Object.entries(answers).filter(([, answer]) => answer !== 160)
    assert.deepEqual(wrong, [])
    assert.equal((await listSessions())[0]?.resources.files, 0)
  })

  it('all or nothing of what is registered', async () => {
    await using session = await startTestSession()
    assert.equal(await RmRegisterResources(session.handle, [folder.write('a', '')], [self], ['']), 160)
    assert.deepEqual((await listSessions())[0]?.resources, { files: 0, directories: 0, processes: 0, services: 0 })
  })

  it('0 for what is there, beside what is not', async () => {
    await using holder = await startFixture('opens-a-file', [folder.write('a', '')])
    await using ended = await startFixture('opens-a-file', [folder.write('b', '')])
    const stale = toUniqueProcess(ended.process)
    await ended.stop()
    await using session = await startTestSession()
    const processes = [stale, toUniqueProcess(holder.process)]
    const services = ['restart-manager-has-no-such-service']
    const files = [folder.path('nothing'), folder.directory('d'), folder.path('a')]
    assert.equal(await RmRegisterResources(session.handle, files, processes, services), 0)
    assert.deepEqual((await listSessions())[0]?.resources, { files: 2, directories: 1, processes: 1, services: 0 })
    assert.equal((await wholeList(session.handle)).procInfo, 1)
  })

  it('29 where there is no place for sessions', async () => {
    folder.write('state', 'a file, not a directory')
    assert.equal((await RmStartSession(0)).error, 29)
  })

  it('14 where there are no descriptors left, and E_FAIL', () => {
    const command = ['--disable-warning=ExperimentalWarning', outOfDescriptors]
    const shell = ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, ...command]
    const answers: unknown = JSON.parse(execFileSync('sh', shell, { encoding: 'utf8' }))
    assert.deepEqual(answers, { errors: [14, 14, 14], results: [E_FAIL, E_FAIL, E_FAIL] })
  })

  it('121 where the session is locked', async (test) => {
    await using session = await startTestSession()
    const [database = ''] = readdirSync(join(folder.state, 'sessions')).filter((name) =>
      /^[0-9a-f]{16}\.db$/.test(name),
    )
    const holder = startProgram(test, 'store-lock-holder.ts', [join(folder.state, 'sessions', database)])
    await holder.firstLine
    assert.equal(await RmRegisterResources(session.handle, ['/a'], null, null), 121)
    await holder.kill()
    assert.equal(await RmRegisterResources(session.handle, ['/a'], null, null), 0)
  })

  it('5 where a path may not be looked at', { skip: process.getuid?.() !== 0 && 'needs root' }, async () => {
    const [closed, theirs] = [folder.directory('closed'), folder.directory('theirs')]
    const secret = folder.write('closed/a', '')
    chmodSync(closed, 0o700)
    folder.give(theirs, 65534)
    await using other = await startOtherProcess({ user: 65534, runtimeDirectory: join(theirs, 'state') })
    assert.equal((await other.call<{ error: number }>('RmStartSession', 0)).error, 0)
    assert.equal(await other.call('RmRegisterResources', 0, [secret], null, null), 5)
    assert.equal(await other.call('RmEndSession', 0), 0)
  })

  it('E_INVALIDARG for what cannot be registered, and what had been stays', async () => {
    assert.equal(await RegisterApplicationRestart('as before', 0), S_OK)
    const results = {
      'too long, blanks included': await RegisterApplicationRestart(`a${' '.repeat(1023)}`, 0),
      'unknown flags': await RegisterApplicationRestart('a', 16),
      'no flags': await RegisterApplicationRestart('a', undefined as never),
      'a list': await RegisterApplicationRestart(['a'] as never, 0),
      'a NUL': await RegisterApplicationRestart('a\0', 0),
    }
    const wrong = Object.entries(results).filter(([, result]) => result !== E_INVALIDARG)
    assert.deepEqual(wrong, [])
    const settings = await GetApplicationRestartSettings(self)
    assert.deepEqual(settings, { result: S_OK, commandLine: 'as before', flags: 0 })
    assert.equal(await UnregisterApplicationRestart(), S_OK)
    assert.equal(await UnregisterApplicationRestart(), S_OK)
    await using ended = await startFixture('opens-a-file', [folder.write('a', '')])
    const unique = toUniqueProcess(ended.process)
    await ended.stop()
    assert.deepEqual(await GetApplicationRestartSettings(unique), { result: E_INVALIDARG })
  })

  it('E_FAIL where there is no place for registrations', async () => {
    folder.write('state', 'a file, not a directory')
    assert.equal(await RegisterApplicationRestart(null, 0), E_FAIL)
  })

  it('a registered command line, taken apart into the same arguments when the program is started again', async () => {
    const [file, status] = [folder.write('a "b"  c', ''), folder.path('status \\" d.json')]
    const line = joinCommandLine([application, file, status, 'registered', 'again'])
    await using before = await startFixture('registers-like-windows', [file, line])
    const { process } = before
    await using session = await startTestSession([file])
    assert.equal(await RmShutdown(session.handle, 0), 0)
    assert.equal(isRunning(process), false)
    assert.equal(await RmRestart(session.handle, 0), 0)
    await until('it runs again', () => existsSync(status))
    const { pid, again } = JSON.parse(readFileSync(status, 'utf8')) as Facts
    assert.equal(again, true)
    const identity = identifyProcess(pid)
    processManager.kill(identity)
    await processManager.waitForEnd([identity], { timeoutMs: 5000 })
  })

  it('352 where a program does not come back', async () => {
    const file = folder.write('a', '')
    await using application = await startFixture('registers-like-windows', [file, '--"no such option"'])
    const { process } = application
    await using session = await startTestSession([file])
    assert.equal(await RmShutdown(session.handle, 0), 0)
    assert.equal(isRunning(process), false)
    assert.equal(await RmRestart(session.handle, 0), 352)
    const [entry] = (await wholeList(session.handle)).affectedApps
    assert.equal(entry?.AppStatus, 0x23)
  })

  it('776 while another operation runs, 1223 for that when it is cancelled', async () => {
    await using application = await startApplication(folder, 'stubborn', 'ignores-sigterm')
    await using session = await startTestSession([application.file])
    const { handle } = session
    const stopping = RmShutdown(handle, RM_SHUTDOWN_TYPE.RmForceShutdown)
    await until('it is being stopped', async () => (await listSessions())[0]?.state === 'stopping')
    assert.deepEqual(
      [await RmShutdown(handle, 0), await RmRestart(handle, 0), await RmEndSession(handle)],
      [776, 776, 776],
    )
    assert.equal(await RmCancelCurrentTask(handle), 0)
    assert.equal(await stopping, 1223)
    assert.equal(await RmRestart(handle, 0), 0)
    assert.equal(await RmEndSession(handle), 0)
  })

  it('1223 for a list that is cancelled', async () => {
    await using session = await startTestSession([folder.write('a', '')])
    const looking = RmGetList(session.handle, 0)
    assert.equal(await RmCancelCurrentTask(session.handle), 0)
    assert.deepEqual(await looking, { error: 1223 })
    assert.equal((await RmGetList(session.handle, 0)).error, 0)
  })

  it('0 for a cancel where nothing runs, which is forgotten', async () => {
    await using session = await startTestSession()
    assert.equal(await RmCancelCurrentTask(session.handle), 0)
    assert.equal(await RmShutdown(session.handle, 0), 0)
  })

  it('6 when the primary has ended the session; then the handle is free', async () => {
    const { handle, key } = await startTestSession()
    const joined = await RmJoinSession(key)
    assert.equal(joined.error, 0)
    const secondary = joined.sessionHandle
    assert.deepEqual([Number(handle), Number(secondary)], [0, 1])
    assert.equal(await RmEndSession(handle), 0)
    assert.equal((await RmGetList(secondary, 0)).error, 6)
    await using other = await startTestSession()
    assert.equal(Number(other.handle), 0)
    assert.equal(await RmEndSession(secondary), 6)
    await using next = await startTestSession()
    assert.equal(Number(next.handle), 1)
  })

  it('6 for what can be no handle', async () => {
    await using session = await startTestSession()
    assert.equal(Number(session.handle), 0)
    for (const handle of [-1, 0.5, NaN, 4_294_967_295, '0', null, undefined, 'length']) {
      assert.equal(await RmShutdown(handle as unknown as RmSessionHandle, 0), 6, String(handle))
    }
  })

  it('1219 for a session whose primary was killed', async () => {
    const owner = await startOtherProcess()
    const { sessionKey } = await owner.call<{ sessionKey: string }>('RmStartSession', 0)
    await owner.kill()
    assert.deepEqual(await RmJoinSession(sessionKey), { error: 1219 })
  })

  it('what the callback throws, when all is done', async () => {
    await using application = await startApplication(folder, 'one')
    const { process } = application.fixture
    await using session = await startTestSession([application.file])
    const failing = () => {
      throw new RangeError('mine')
    }
    await assert.rejects(RmShutdown(session.handle, 0, failing), { name: 'RangeError', message: 'mine' })
    assert.equal(isRunning(process), false)
    assert.equal(await RmRestart(session.handle, 0), 0)
    await until('it runs again', () => application.facts().again)
  })
})
