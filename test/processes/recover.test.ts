import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, beforeEach, afterEach } from 'node:test'
import { listSessions, openSession, recover, startSession, type Progress } from '../../src/index.ts'
import type { AffectedApplication } from '../../src/model/index.ts'
import { processManager } from '../../src/processes/index.ts'
import { createSystemd } from '../../src/services/index.ts'
import { createSqliteStore } from '../../src/store/index.ts'
import { jsonLines, restartctl } from '../fixtures/command.ts'
import { anApplication, newSession, sleeper, storeFolder } from '../fixtures/store-folder.ts'
import { startProgram } from '../fixtures/store-process.ts'
import { startApplication, until, type TestApplication } from '../support/application.ts'
import { Crowd } from '../support/crowd.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

describe('recover', () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  /** A primary stops what uses this file, and is killed. */
  async function abandon(file: string): Promise<void> {
    await using primary = await startFixture('stops-and-waits', [file])
    const { process } = primary
    processManager.kill(process)
    await processManager.waitForEnd([process], { timeoutMs: 5000 })
  }

  const again = (application: TestApplication) => until('it runs again', () => application.facts().again)

  describe('as a command', () => {
    it('says where there is nothing to do', async () => {
      assert.deepEqual(await restartctl(['recover']), { code: 0, stdout: '', stderr: 'Nothing to recover\n' })
      const answer = await restartctl(['recover', '--json'])
      assert.deepEqual([answer.code, answer.stderr], [0, ''])
      const last = { type: 'result', applications: [], remaining: [], uninspected: [], exitCode: 0, error: null }
      assert.deepEqual(jsonLines(answer).at(-1), last)
    })

    it('starts again what a dead primary left stopped, as sessions says it would', async () => {
      const options = { environment: { MARKER: 'it\'s\n"kept"', LD_LIBRARY_PATH: '/not-there' } }
      await using application = await startApplication(folder, 'one', 'registered', options)
      await abandon(application.file)
      const sessions = await restartctl(['sessions'])
      assert.match(sessions.stdout, /abandoned.*application\.ts/)
      assert.equal(sessions.stderr, 'Start again what a dead installer left stopped: restartctl recover\n')
      const { code, stdout, stderr } = await restartctl(['recover'])
      assert.deepEqual([code, stdout], [0, ''], stderr)
      assert.match(stderr, /^Started: application\.ts \(process \d+\): /)
      await again(application)
      assert.equal(application.facts().marker, options.environment.MARKER)
      assert.deepEqual(await restartctl(['sessions']), { code: 0, stdout: 'No sessions\n', stderr: '' })
    })

    it('ends with 5 where something did not come back, and tries it again the next time', async () => {
      const program = folder.path('program')
      copyFileSync('/bin/sleep', program)
      await using crowd = await Crowd.start(folder, 1, program)
      await abandon(crowd.files[0] ?? '')
      renameSync(program, `${program}.away`)
      const failed = await restartctl(['recover', '--json'])
      assert.equal(failed.code, 5, failed.stderr)
      const { type, exitCode, error, applications } = jsonLines(failed).at(-1) ?? {}
      assert.deepEqual([type, exitCode, (error as { code: string }).code], ['result', 5, 'FAIL_RESTART'])
      assert.deepEqual(
        (applications as { outcome: string; error: string }[]).map((row) => [row.outcome, row.error]),
        [['error-on-restart', `its program is gone: ${program}`]],
      )
      const kept = await listSessions()
      assert.deepEqual(
        kept.map(({ state, stopped }) => [state, stopped]),
        [['abandoned', ['program']]],
      )
      renameSync(`${program}.away`, program)
      assert.equal((await restartctl(['recover', '--quiet'])).code, 0)
      assert.equal(crowd.count(), '1')
      assert.deepEqual(await listSessions(), [])
    })
  })

  it('leaves a session alone whose owner lives', async () => {
    await using application = await startApplication(folder, 'one')
    await using session = await startSession()
    await session.register({ files: [application.file] })
    await session.shutdown()
    assert.deepEqual(await recover(), { applications: [], remaining: [], uninspected: [] })
    assert.deepEqual((await session.summary()).stopped, ['application.ts'])
    await session.restart()
    await again(application)
  })

  it('reports progress once for all sessions, up to 100', async () => {
    await using crowd = await Crowd.start(folder, 3)
    for (const file of crowd.files) await abandon(file)
    const reports: Progress[] = []
    const { applications } = await recover({ onProgress: (progress) => reports.push(progress) })
    assert.equal(crowd.count(), '1 1 1')
    assert.equal(applications.length, 3)
    assert.deepEqual(
      reports.map(({ percent, phase }) => [percent, phase]),
      [33, 66, 99, 100].map((percent) => [percent, 'restart']),
    )
  })

  it('honours filters, and says what stays down', async () => {
    await using wanted = await startApplication(folder, 'wanted')
    await using unwanted = await Crowd.start(folder, 1)
    await using unregistered = await startApplication(folder, 'unregistered', 'unregistered')
    await using owner = await startFixture('opens-a-file', [folder.write('any', '')])
    const session = await startSession({ owner: owner.process })
    await session.register({ files: [wanted.file, unregistered.file, ...unwanted.files] })
    await session.filters.add({ executable: unwanted.program }, 'no-restart')
    await session.shutdown()
    await owner.stop()
    const { applications } = await recover()
    assert.deepEqual(applications.map(({ outcome }) => outcome).sort(), ['restart-masked', 'restarted', 'stopped'])
    await again(wanted)
    assert.equal(unwanted.count(), '0')
    assert.deepEqual(await listSessions(), [])
  })

  it('waits for what was asked to end when the primary was killed', async () => {
    const status = () =>
      JSON.parse(readFileSync(folder.path('status'), 'utf8')) as { pid: number; again: boolean; asked: boolean }
    await using late = await startFixture('ends-late', [folder.write('late.dat', ''), folder.path('status'), '3000'])
    const first = late.process
    await using primary = await startFixture('stops', [folder.path('late.dat')])
    const killed = primary.process
    await until('it is asked', () => status().asked)
    processManager.kill(killed)
    await processManager.waitForEnd([killed], { timeoutMs: 5000 })
    assert.ok(processManager.isRunning(first))
    const { applications } = await recover()
    assert.deepEqual(
      applications.map(({ outcome }) => outcome),
      ['restarted'],
    )
    await until('it runs again', () => status().again)
    const running = processManager.identify(status().pid)
    assert.ok(running)
    processManager.kill(running)
    await processManager.waitForEnd([running], { timeoutMs: 5000 })
  })

  it('waits for another process that is at work on the session, and can be cancelled meanwhile', async (t) => {
    await using crowd = await Crowd.start(folder, 1)
    await abandon(crowd.files[0] ?? '')
    const store = createSqliteStore({ directory: folder.state })
    const [stored] = (await store.openAbandoned()).sessions
    assert.ok(stored)
    const operator = sleeper(t)
    assert.ok(await stored.changeState(['stopped'], 'restarting', operator.identity))
    await assert.rejects(recover({ signal: AbortSignal.timeout(300) }), { code: 'CANCELLED' })
    const recovering = recover()
    await operator.kill()
    assert.equal((await recovering).applications.length, 1)
    assert.equal(crowd.count(), '1')
  })

  it('goes on where one session is locked or broken, and says so', async (t) => {
    await using crowd = await Crowd.start(folder, 2)
    await abandon(crowd.files[0] ?? '')
    const [locked] = await listSessions()
    await abandon(crowd.files[1] ?? '')
    const holder = startProgram(t, 'store-lock-holder.ts', [join(folder.state, 'sessions', `${String(locked?.id)}.db`)])
    await holder.firstLine
    await assert.rejects(recover({ lockTimeoutMs: 200 }), {
      code: 'STORE_BUSY',
      message: `Not everything was recovered: Cannot change session ${String(locked?.id)}: another process has it locked`,
    })
    assert.equal(crowd.count(), '0 1')
    await holder.kill()
    assert.equal((await recover()).applications.length, 1)
    assert.equal(crowd.count(), '1 1')

    const broken = join(folder.state, 'sessions', '0123456789abcdef.db')
    writeFileSync(broken, 'no database at all', { mode: 0o600 })
    await assert.rejects(recover(), (error: { code: string; message: string; hint: string }) => {
      assert.match(error.message, /Cannot read session file .*\/0123456789abcdef\.db: /)
      assert.match(error.hint, /rm .*\/0123456789abcdef\.db$/)
      return error.code === 'STORE_FAILED'
    })
  })

  it('keeps the session of a service whose manager does not answer, or does not know it', async (t) => {
    const { directory, store } = storeFolder(t)
    const owner = sleeper(t)
    const { session } = await newSession(store, owner.identity)
    const service = 'restart-manager-test-not-there.service'
    const application: AffectedApplication = {
      ...anApplication('not there'),
      service,
      serviceManager: createSystemd('system').name,
    }
    await session.addApplications([{ application, status: ['running', 'stopped'], restartRecord: null }])
    await owner.kill()
    for (let attempt = 1; attempt <= 2; attempt++) {
      await assert.rejects(
        recover({ runtimeDirectory: directory }),
        (error: { code: string; hint: string; message: string }) => {
          assert.match(error.message, /^Not everything came back: not there: ./)
          assert.match(error.hint, /journalctl --unit/)
          return error.code === 'FAIL_RESTART'
        },
      )
      assert.deepEqual((await store.list())[0]?.stopped, ['not there'])
    }
  })

  it('is also what a key allows: session restart', async () => {
    await using crowd = await Crowd.start(folder, 1)
    await using owner = await startFixture('opens-a-file', [folder.write('any', '')])
    const { key } = await startSession({ owner: owner.process })
    await using opened = await openSession(key)
    await opened.register({ files: crowd.files })
    await opened.shutdown()
    await owner.stop()
    await opened.restart()
    assert.deepEqual((await recover()).applications, [])
    assert.equal(crowd.count(), '1')
    assert.deepEqual(await listSessions(), [])
  })
})
