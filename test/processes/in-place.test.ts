import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  startSession,
  type InPlacePlan,
  type InPlaceResult,
  type OperationError,
  type PrimarySession,
  type RestartManagerError,
} from '../../src/index.ts'
import { processManager } from '../../src/processes/index.ts'
import { startApplication, until, type TestApplication } from '../support/application.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'
import { noLeases } from '../support/lease.ts'
import { startTakingPart } from '../support/taking-part.ts'

describe('restart in place', () => {
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

  const rows = ({ applications }: InPlaceResult) => applications.map(({ outcome, error }) => [outcome, error])
  const left = ({ remaining }: Pick<InPlaceResult, 'remaining'>) => remaining.map(({ why, cure }) => [why, cure])

  /** Registered, and then replaced. */
  async function replaced(...applications: { file: string }[]): Promise<void> {
    await session.register({ files: applications.map(({ file }) => file) })
    for (const { file } of applications) folder.replace(file, 'new')
  }

  async function runsAnew(application: TestApplication): Promise<void> {
    await until('it runs again', () => application.facts().again)
    assert.equal(application.facts().content, 'new')
  }

  it('restarts who uses the old version, and nobody uses it then', async () => {
    await using old = await startApplication(folder, 'old')
    await using other = await startApplication(folder, 'other')
    await session.register({ files: [other.file] })
    await replaced(old)
    const result = await session.restartInPlace()
    assert.deepEqual([rows(result), left(result)], [[['restarted', null]], []])
    await runsAnew(old)
    assert.ok(!other.facts().again)
    assert.equal((await session.summary()).state, 'open')
    assert.deepEqual((await session.restartInPlace()).applications, [])
  })

  it('restarts who uses what lies beneath a directory and has been replaced there', async () => {
    await using old = await startApplication(folder, 'old')
    await session.register({ directories: [folder.root] })
    folder.replace(old.file, 'new')
    assert.deepEqual(rows(await session.restartInPlace()), [['restarted', null]])
    await runsAnew(old)
  })

  it('restarts a process that was registered itself, once', async () => {
    await using application = await startApplication(folder, 'one')
    await session.register({ processes: [application.fixture.process] })
    const result = await session.restartInPlace()
    assert.deepEqual([rows(result), left(result)], [[['restarted', null]], []])
    await until('it runs again', () => application.facts().again)
    assert.deepEqual((await session.restartInPlace()).applications, [])
  })

  it('leaves alone who would not come back, and says so', async () => {
    await using old = await startApplication(folder, 'old', 'unregistered')
    await replaced(old)
    const result = await session.restartInPlace()
    assert.deepEqual(rows(result), [])
    assert.match(String(result.remaining[0]?.why), /register/)
    assert.equal(result.remaining[0]?.cure, 'by-hand')
    assert.ok(processManager.isRunning(old.fixture.process))
  })

  it('leaves alone who does not agree, and restarts the others', async () => {
    await using old = await startApplication(folder, 'old')
    await using refusing = await startTakingPart(folder, 'refusing', 'registered-refuses')
    await replaced(old, refusing)
    const result = await session.restartInPlace()
    assert.deepEqual(
      rows(result)
        .map(([outcome]) => outcome)
        .sort(),
      ['restarted', 'running'],
    )
    assert.equal(result.remaining.length, 1)
    assert.equal(result.remaining[0]?.process.pid, refusing.process.pid)
    assert.equal(result.remaining[0].why, result.applications.find(({ outcome }) => outcome === 'running')?.error)
    assert.ok(processManager.isRunning(refusing.process))
    await runsAnew(old)
  })

  it('leaves alone what a filter names', async () => {
    await using old = await startApplication(folder, 'old')
    await replaced(old)
    for (const action of ['no-shutdown', 'no-restart'] as const) {
      await session.filters.add({ process: old.fixture.process }, action)
      const result = await session.restartInPlace()
      assert.deepEqual([rows(result), left(result)], [[], [[`a filter says ${action}`, 'by-hand']]])
    }
    assert.ok(!old.facts().again)
  })

  it('leaves the installer alone', async () => {
    const file = folder.write('installer.dat', 'old')
    const descriptor = openSync(file, 'r')
    try {
      await replaced({ file })
      const result = await session.restartInPlace()
      assert.deepEqual(
        result.remaining.map(({ process: { pid }, rebootReason }) => [pid, rebootReason]),
        [[process.pid, 'detected-self']],
      )
    } finally {
      closeSync(descriptor)
    }
  })

  it('fails where one that was told to end does not, restarts the others, and keeps it on record', async () => {
    await using old = await startApplication(folder, 'old')
    await using deaf = await startApplication(folder, 'deaf', 'ignores-sigterm')
    await replaced(old, deaf)
    const error = await session.restartInPlace({ timeouts: { applicationMs: 300 } }).then(
      () => assert.fail('wanted FAIL_RESTART'),
      (thrown: unknown) => thrown as OperationError<InPlaceResult>,
    )
    assert.equal(error.code, 'FAIL_RESTART')
    assert.deepEqual(error.result.applications.map(({ outcome }) => outcome).sort(), ['error-on-stop', 'restarted'])
    assert.match(String(error.result.remaining[0]?.why), /did not end within 0.3 s/)
    await runsAnew(old)
    assert.equal((await session.summary()).state, 'stopped')
  })

  it('asks first where it is to, and does nothing at a no but say what remains', async () => {
    await using old = await startApplication(folder, 'old')
    await using other = await startApplication(folder, 'other', 'unregistered')
    await replaced(old, other)
    const plans: InPlacePlan[] = []
    const confirm = (plan: InPlacePlan) => plans.push(plan) > 1
    const result = await session.restartInPlace({ confirm })
    assert.deepEqual([result.applications, result.remaining.length], [[], 2])
    assert.ok(!old.facts().again)
    assert.deepEqual(
      plans.map(({ restart, remaining }) =>
        [restart, remaining].map((some) => some.map(({ process: { pid } }) => pid)),
      ),
      [[[old.fixture.pid], [other.fixture.pid]]],
    )
    assert.deepEqual(rows(await session.restartInPlace({ confirm })), [['restarted', null]])
    await runsAnew(old)
  })

  it('is refused by an owner that has ended', async () => {
    await using owner = await startFixture('opens-a-file', [folder.write('any', '')])
    await using abandoned = await startSession({ owner: owner.process })
    await owner.stop()
    await assert.rejects(abandoned.restartInPlace(), (error: RestartManagerError) => error.code === 'INVALID_SESSION')
  })

  it('is not needed by what restart has started; what it has not says why', async () => {
    await using old = await startApplication(folder, 'old')
    await using spared = await startApplication(folder, 'spared')
    await session.register({ files: [old.file, spared.file] })
    await session.filters.add({ process: spared.fixture.process }, 'no-shutdown')
    await session.shutdown()
    for (const { file } of [old, spared]) folder.replace(file, 'new')
    const result = await session.restart()
    assert.deepEqual(
      result.remaining.map(({ process: { pid }, why, cure }) => [pid, why, cure]),
      [[spared.fixture.pid, 'a filter says no-shutdown', 'by-hand']],
    )
    await runsAnew(old)
  })

  it('is preceded by a look at who holds the files all the same', { skip: noLeases }, async () => {
    const file = folder.write('in-flight.dat', '')
    await using sender = await startFixture('has-a-file-in-flight', [file])
    await using old = await startApplication(folder, 'old')
    await session.register({ files: [file, old.file] })
    const { applications, heldByUnknown } = await session.shutdown()
    assert.deepEqual([applications.map(({ outcome }) => outcome), heldByUnknown], [['stopped'], [file]])
    await session.restart()
    await until('it runs again', () => old.facts().again)
    assert.ok(processManager.isRunning(sender.process))
  })
})
