import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  OperationError,
  startSession,
  type PrimarySession,
  type Progress,
  type RestartManagerError,
} from '../../src/index.ts'
import { readChildren } from '../../src/linux/process-tree.ts'
import { processManager } from '../../src/processes/index.ts'
import { startApplication, until } from '../support/application.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

describe('shutdown and restart of programs', () => {
  let folder: Folder
  let session: PrimarySession

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    session = await startSession()
  })
  afterEach(async () => {
    await session[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  it('stops a registered program and starts it again as it was, with the new file', async () => {
    const under = ['env', '--chdir', folder.root]
    await using application = await startApplication(folder, 'one', 'registered', {
      under,
      environment: { MARKER: "it's\nhere" },
    })
    await session.register({ files: [application.file] })
    const [affected] = (await session.list()).applications
    assert.deepEqual(
      affected?.uses.map(({ path, as }) => [path, as]),
      [[application.file, 'open']],
    )
    assert.equal(affected.restartable, true)

    const { applications } = await session.shutdown()
    assert.deepEqual(
      applications.map(({ outcome, forced, error }) => [outcome, forced, error]),
      [['stopped', false, null]],
    )
    assert.equal(processManager.isRunning(affected.process), false)
    folder.replace(application.file, 'new')
    const restarted = await session.restart()
    assert.deepEqual(
      restarted.applications.map(({ outcome, error }) => [outcome, error]),
      [['restarted', null]],
    )
    await until('it runs again', () => application.facts().again)
    const { pid, ...facts } = application.facts()
    assert.deepEqual(facts, {
      content: 'new',
      again: true,
      cwd: folder.root,
      marker: "it's\nhere",
      uid: process.getuid?.(),
      groups: process.getgroups?.(),
    })
    assert.equal(restarted.applications[0]?.application.process.pid, pid)
    const listed = (await session.list()).applications.find((one) => one.process.pid === affected.process.pid)
    assert.deepEqual(listed?.status, ['running', 'stopped', 'restarted'])
  })

  it('starts the program again that has registered, where the script that has launched it is changed', async () => {
    const launcher = folder.write('launcher', '"$@"\nexit "$?"\n')
    await using application = await startApplication(folder, 'one', 'registered', { under: ['sh', launcher] })
    await session.register({ files: [launcher] })
    const [affected, ...others] = (await session.list()).applications
    assert.deepEqual(others, [])
    assert.deepEqual([affected?.processes.length, affected?.notRestartable], [2, null])
    const { applications } = await session.shutdown()
    assert.deepEqual(
      applications.map(({ outcome, error }) => [outcome, error]),
      [['stopped', null]],
    )
    await session.restart()
    await until('it runs again', () => application.facts().again)
  })

  it(
    'takes user, groups and environment of a program of another user on again',
    { skip: process.getuid?.() === 0 ? false : 'needs root' },
    async () => {
      folder.writable()
      const under = ['setpriv', '--reuid=65534', '--regid=65534', '--groups=65534,4242', '--']
      const state = folder.directory('theirs')
      folder.give(state, 65534)
      const environment = { MARKER: '$(false) `false` "quoted"', RESTART_MANAGER_RUNTIME_DIR: state }
      await using application = await startApplication(folder, 'two', 'registered', { under, environment })
      await session.register({ files: [application.file] })
      await session.shutdown()
      const [row] = (await session.restart()).applications
      assert.equal(row?.error, null)
      await until('it runs again', () => application.facts().again)
      const { uid, groups, marker } = application.facts()
      assert.deepEqual({ uid, groups, marker }, { uid: 65534, groups: [4242, 65534], marker: environment.MARKER })
    },
  )

  it('stops a program that did not register, and says that it stays down', async () => {
    await using fixture = await startFixture('opens-a-file', [folder.write('a', '')])
    await session.register({ files: [folder.path('a')] })
    const [affected] = (await session.list()).applications
    assert.equal(affected?.restartable, false)
    assert.equal(affected.notRestartable, 'it did not register for restart')
    await session.shutdown()
    assert.equal(processManager.isRunning(affected.process), false)
    const { applications } = await session.restart()
    assert.deepEqual(
      applications.map(({ outcome, error }) => [outcome, error]),
      [['stopped', null]],
    )
    assert.ok(fixture.pid > 0)
  })

  it('stops nothing with onlyRegistered where something would stay down', async () => {
    await using registered = await startApplication(folder, 'one')
    await using other = await startApplication(folder, 'two', 'unregistered')
    await session.register({ files: [registered.file, other.file] })
    await rejectsWith(
      session.shutdown({ onlyRegistered: true }),
      'FAIL_SHUTDOWN',
      /nothing was stopped.*did not register/i,
    )
    assert.ok(processManager.isRunning(registered.fixture.process))
    assert.ok(processManager.isRunning(other.fixture.process))
    await using restarted = await startApplication(folder, 'three')
    assert.ok(restarted.fixture.pid > 0)
  })

  it('gives up on a program that does not end, and starts the others again', async () => {
    await using polite = await startApplication(folder, 'polite')
    await using stubborn = await startApplication(folder, 'stubborn', 'ignores-sigterm')
    await session.register({ files: [polite.file, stubborn.file] })
    const error = await rejectsWith(
      session.shutdown({ timeouts: { applicationMs: 300 } }),
      'FAIL_SHUTDOWN',
      /did not end within 0.3 s/,
    )
    assert.ok(error instanceof OperationError)
    await until('it was started again', () => polite.facts().again)
    assert.ok(processManager.isRunning(stubborn.fixture.process))
    assert.equal((await session.summary()).state, 'stopped', 'it was asked to end, and may still')
    const { applications } = await session.restart()
    assert.deepEqual(
      applications.map(({ outcome }) => outcome),
      ['running'],
    )
    assert.equal((await session.summary()).state, 'open')
  })

  it('kills with force what does not end, and says so', async () => {
    await using stubborn = await startApplication(folder, 'stubborn', 'ignores-sigterm')
    await session.register({ files: [stubborn.file] })
    const { applications } = await session.shutdown({ force: true, timeouts: { applicationMs: 200 } })
    assert.deepEqual(
      applications.map(({ outcome, forced }) => [outcome, forced]),
      [['stopped', true]],
    )
    await session.restart()
    await until('it was started again', () => stubborn.facts().again)
  })

  it('stops nothing where the installer itself is affected', async () => {
    await using other = await startApplication(folder, 'one')
    await session.register({ files: [other.file], processes: [process.pid] })
    const list = await session.list()
    assert.deepEqual(list.rebootReasons, ['detected-self'])
    const self = list.applications.find((one) => one.process.pid === process.pid)
    assert.ok(self)
    assert.equal(self.type, 'critical')
    assert.match(String(self.critical), /installer/)
    await rejectsWith(session.shutdown({ force: true }), 'REBOOT_REQUIRED', /installer/)
    assert.ok(processManager.isRunning(other.fixture.process))
    assert.equal((await session.summary()).state, 'open')
  })

  it('stops nothing where an ancestor of the installer is affected', async () => {
    await session.register({ processes: [process.ppid] })
    assert.deepEqual((await session.list()).rebootReasons, ['detected-self'])
    await rejectsWith(session.shutdown(), 'REBOOT_REQUIRED', /installer/)
  })

  it('obeys filters: no-shutdown leaves running, no-restart leaves down', async () => {
    await using kept = await startApplication(folder, 'kept')
    await using stopped = await startApplication(folder, 'stopped')
    await session.register({ files: [kept.file, stopped.file] })
    await session.filters.add({ process: kept.fixture.process }, 'no-restart')
    await session.filters.add({ process: kept.fixture.process }, 'no-shutdown')
    await session.filters.add({ process: stopped.fixture.process }, 'no-restart')
    assert.equal((await session.filters.list()).length, 2)
    const { applications } = await session.shutdown()
    const outcomes = new Map(applications.map(({ application, outcome }) => [application.process.pid, outcome]))
    assert.deepEqual(
      outcomes,
      new Map([
        [kept.fixture.pid, 'shutdown-masked'],
        [stopped.fixture.pid, 'stopped'],
      ]),
    )
    assert.ok(processManager.isRunning(kept.fixture.process))
    assert.deepEqual(
      (await session.restart()).applications.map(({ outcome }) => outcome),
      ['restart-masked'],
    )
    const statuses = (await session.list()).applications.map(({ status }) => status.join(' '))
    assert.deepEqual(statuses.sort(), ['running shutdown-masked', 'running stopped restart-masked'])
    await session.filters.remove({ process: kept.fixture.process })
    await rejectsWith(session.filters.remove({ process: kept.fixture.process }), 'FILTER_NOT_FOUND', /No filter/)
  })

  it('reports progress that strictly increases and ends with 100, once', async () => {
    const applications = await Promise.all(['a', 'b', 'c'].map((name) => startApplication(folder, name)))
    await session.register({ files: applications.map(({ file }) => file) })
    for (const [phase, operate] of [
      ['shutdown', (options: object) => session.shutdown(options)],
      ['restart', (options: object) => session.restart(options)],
    ] as const) {
      const reports: Progress[] = []
      await operate({ onProgress: (progress: Progress) => reports.push(progress) })
      const percents = reports.map(({ percent }) => percent)
      assert.deepEqual(percents, [33, 66, 99, 100])
      assert.ok(reports.every((one) => one.phase === phase))
    }
    await Promise.all(applications.map((one) => one[Symbol.asyncDispose]()))
  })

  it('a listener that throws disturbs nothing, and its error is not lost', async () => {
    await using application = await startApplication(folder, 'one')
    await session.register({ files: [application.file] })
    const fault = new Error('in the listener')
    await assert.rejects(
      session.shutdown({
        onProgress: () => {
          throw fault
        },
      }),
      fault,
    )
    assert.equal(processManager.identify(application.fixture.pid), null)
    assert.equal((await session.restart()).applications.length, 1)
  })

  it('is cancelled from another task: what is stopped stays so until restart', async () => {
    await using polite = await startApplication(folder, 'polite')
    await using stubborn = await startApplication(folder, 'stubborn', 'ignores-sigterm')
    await session.register({ files: [polite.file, stubborn.file] })
    const stopping = session.shutdown({ onProgress: ({ percent }) => void (percent < 100 && session.cancel()) })
    await rejectsWith(stopping, 'CANCELLED', /cancelled/i)
    assert.ok(processManager.isRunning(stubborn.fixture.process))
    assert.deepEqual((await session.summary()).state, 'stopped')
    assert.deepEqual(
      (await session.restart()).applications.map(({ outcome }) => outcome),
      ['running', 'restarted'],
    )
    await until('it was started again', () => polite.facts().again)
  })

  it('refuses a second operation while one runs, and a restart before any shutdown', async () => {
    await rejectsWith(session.restart(), 'OUT_OF_SEQUENCE', /shutdown has not been called/)
    await using stubborn = await startApplication(folder, 'stubborn', 'ignores-sigterm')
    await session.register({ files: [stubborn.file] })
    const controller = new AbortController()
    const stopping = session.shutdown({ signal: controller.signal })
    await until('it is stopping', async () => (await session.summary()).state === 'stopping')
    await rejectsWith(session.shutdown(), 'OUT_OF_SEQUENCE', /Another operation is running/)
    controller.abort()
    await rejectsWith(stopping, 'CANCELLED', /cancelled/i)
  })

  it('says so where a program does not come back, and can be asked again', async () => {
    const home = folder.directory('home')
    await using application = await startApplication(folder, 'one', 'registered', { under: ['env', '--chdir', home] })
    await session.register({ files: [application.file] })
    await session.shutdown()
    folder.remove(home)
    const error = await rejectsWith(session.restart(), 'FAIL_RESTART', /application.ts: .*working directory/)
    assert.ok(error instanceof OperationError)
    assert.equal((await session.summary()).state, 'stopped')
    folder.directory('home')
    assert.deepEqual(
      (await session.restart()).applications.map(({ outcome }) => outcome),
      ['restarted'],
    )
    assert.equal((await session.summary()).state, 'open')
  })

  it('does nothing, successfully, where nothing is affected', async () => {
    await session.register({ files: [folder.path('not-there')] })
    assert.deepEqual(await session.list(), {
      applications: [],
      rebootReasons: [],
      uninspected: [],
      heldByUnknown: [],
      unreadable: [],
    })
    assert.deepEqual((await session.shutdown()).applications, [])
    assert.deepEqual((await session.restart()).applications, [])
  })

  it('stops what a script has started since it was listed, with the script', async () => {
    const file = folder.write('held', '')
    const traps = "trap 'exit 0' TERM; trap 'sleep 20 &' USR1"
    const script = `exec 3<${file}; ${traps}; sleep 20 & echo ready; while :; do wait; done`
    const child = spawn('setsid', ['sh', '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
    const pid = child.pid ?? 0
    try {
      await once(child.stdout, 'data')
      await session.register({ files: [file] })
      const confirm = async () => {
        child.kill('SIGUSR1')
        await until('it has started another', () => readChildren(pid).length === 2)
        return true
      }
      const { applications } = await session.shutdown({ confirm })
      assert.deepEqual(
        applications.map(({ outcome, error }) => [outcome, error]),
        [['stopped', null]],
      )
    } finally {
      child.kill('SIGKILL')
    }
  })
})

async function rejectsWith(promise: Promise<unknown>, code: string, message: RegExp): Promise<RestartManagerError> {
  const error = await promise.then(
    () => assert.fail(`did not reject with ${code}`),
    (reason: unknown) => reason as RestartManagerError,
  )
  assert.equal(error.code, code, error.message)
  assert.match(error.message, message)
  return error
}
