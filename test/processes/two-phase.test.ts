import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  OperationError,
  startSession,
  type ApplicationResult,
  type PrimarySession,
  type Progress,
  type ShutdownOptions,
  type ShutdownResult,
} from '../../src/index.ts'
import { isRunning } from '../../src/linux/process-stat.ts'
import { until } from '../support/application.ts'
import { startFixture, startProgram } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'
import { startTakingPart } from '../support/taking-part.ts'

describe('applications that take part in being ended', () => {
  let folder: Folder
  let session: PrimarySession

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    session = await startSession()
  })
  afterEach(async () => {
    await session.end().catch(() => undefined)
    folder[Symbol.dispose]()
  })

  const rowOf = (result: ShutdownResult, file: string) => {
    const row = result.applications.find(({ application }) => application.uses.some(({ path }) => path === file))
    assert.ok(row, `no row for ${file}`)
    return row
  }
  const brief = ({ outcome, forced, error, refusal }: ApplicationResult) => ({
    outcome,
    forced,
    error,
    refusal: refusal ?? null,
  })
  const stopped: ReturnType<typeof brief> = { outcome: 'stopped', forced: false, error: null, refusal: null }

  /** Shuts down, which must fail because somebody does not agree. */
  async function refused(options: ShutdownOptions = {}): Promise<ShutdownResult> {
    const error = await session.shutdown(options).then(
      () => assert.fail('nobody refused'),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof OperationError, String(error))
    assert.equal(error.code, 'FAIL_SHUTDOWN')
    assert.match(error.message, /^Nothing was stopped: /)
    assert.equal((await session.summary()).state, 'open')
    return error.result as ShutdownResult
  }

  it('save before they end, and come back', async () => {
    await using one = await startTakingPart(folder, 'one', 'registered')
    await session.register({ files: [one.file] })
    const result = await session.shutdown()
    assert.deepEqual(one.log(), ['asked close-app', 'saved'])
    assert.deepEqual(brief(rowOf(result, one.file)), stopped)
    assert.equal(isRunning(one.process), false)
    await session.restart()
    await until('it runs again', () => one.log().some((line) => line.startsWith('again ')))
  })

  it('stop nothing where one refuses: it and the others are told to stay', async () => {
    await using editor = await startTakingPart(folder, 'editor', 'refuses')
    await using burner = await startTakingPart(folder, 'burner', 'refuses')
    await using player = await startTakingPart(folder, 'player')
    await using plain = await startFixture('opens-a-file', [folder.write('plain.dat', '')])
    await session.register({ files: [editor.file, burner.file, player.file, folder.path('plain.dat')] })
    const reports: Progress[] = []
    const result = await refused({ onProgress: (progress) => reports.push(progress) })
    const refusal = { outcome: 'error-on-stop', forced: false, error: 'it refused to end', refusal: null }
    assert.deepEqual(
      [editor, burner].map(({ file }) => brief(rowOf(result, file))),
      [refusal, refusal],
    )
    assert.equal(rowOf(result, player.file).outcome, 'running')
    assert.equal(rowOf(result, folder.path('plain.dat')).outcome, 'running')
    for (const one of [editor, burner, player]) {
      await one.notes('stays')
      assert.deepEqual(one.log(), ['asked close-app', 'stays'])
      assert.ok(isRunning(one.process))
    }
    assert.ok(isRunning(plain.process))
    const percents = reports.map(({ percent }) => percent)
    assert.deepEqual(
      percents,
      [...new Set(percents)].sort((a, b) => a - b),
    )
    assert.equal(percents.at(-1), 100)
    const statuses = (await session.list()).applications.map(({ status }) => status.join(' '))
    assert.deepEqual(statuses.sort(), ['running', 'running', 'running error-on-stop', 'running error-on-stop'])
    assert.deepEqual((await session.restart()).applications, [])
  })

  it('refuse too where their answer fails', async () => {
    await using throwing = await startTakingPart(folder, 'throwing', 'throws')
    await using rejecting = await startTakingPart(folder, 'rejecting', 'rejects')
    await session.register({ files: [throwing.file, rejecting.file] })
    const result = await refused()
    assert.equal(rowOf(result, throwing.file).error, 'it refused to end: Error: the disc is\nfull')
    assert.equal(rowOf(result, rejecting.file).error, 'it refused to end: Error: no answer today')
    assert.ok(isRunning(throwing.process) && isRunning(rejecting.process))
  })

  it('have only so long for their answer, all at the same time', async () => {
    await using late = await startTakingPart(folder, 'late', 'answers-late')
    await using mute = await startTakingPart(folder, 'mute', 'never-answers')
    await using frozen = await startTakingPart(folder, 'frozen')
    process.kill(frozen.process.pid, 'SIGSTOP')
    await session.register({ files: [late.file, mute.file, frozen.file] })
    const started = performance.now()
    const result = await refused({ timeouts: { queryMs: 200 } })
    assert.ok(performance.now() - started < 4000)
    for (const one of [late, mute, frozen]) {
      assert.equal(rowOf(result, one.file).error, 'it did not answer within 0.2 s whether it may be ended')
    }
    process.kill(frozen.process.pid, 'SIGCONT')
    for (const one of [late, mute, frozen]) {
      await one.notes('stays')
      assert.ok(isRunning(one.process))
    }
  })

  it('end with force though they refused, and the row says so', async () => {
    await using editor = await startTakingPart(folder, 'editor', 'refuses')
    await using mute = await startTakingPart(folder, 'mute', 'never-answers')
    await session.register({ files: [editor.file, mute.file] })
    const result = await session.shutdown({ force: true, timeouts: { queryMs: 1000 } })
    assert.deepEqual(brief(rowOf(result, editor.file)), { ...stopped, refusal: 'it refused to end' })
    assert.deepEqual(brief(rowOf(result, mute.file)), {
      ...stopped,
      refusal: 'it did not answer within 1 s whether it may be ended',
    })
    assert.deepEqual(editor.log(), ['asked close-app', 'saved'])
    assert.deepEqual(mute.log(), ['asked close-app', 'saved'])
  })

  it('get SIGTERM where they have saved and do not end, or take too long to save', async () => {
    await using staying = await startTakingPart(folder, 'staying', 'saves-and-stays')
    await using saving = await startTakingPart(folder, 'saving', 'never-saves')
    await session.register({ files: [staying.file, saving.file] })
    const result = await session.shutdown({ timeouts: { applicationMs: 3000 } })
    assert.deepEqual(staying.log(), ['asked close-app', 'saved', 'terminated'])
    assert.deepEqual(saving.log(), ['asked close-app', 'terminated'])
    const [soon, half] = [rowOf(result, staying.file), rowOf(result, saving.file)]
    assert.ok(soon.durationMs < 1400, `at once, not after ${soon.durationMs} ms`)
    assert.ok(half.durationMs >= 1400 && half.durationMs < 2800, `at half of the time, not after ${half.durationMs} ms`)
  })

  it('need only one of the two functions', async () => {
    await using saving = await startTakingPart(folder, 'saving', 'only-ends')
    await using answering = await startTakingPart(folder, 'answering', 'only-answers')
    await session.register({ files: [saving.file, answering.file] })
    const result = await session.shutdown()
    assert.deepEqual(result.applications.map(brief), [stopped, stopped])
    assert.deepEqual(saving.log(), ['saved'])
  })

  it('may end when they are asked: nothing is waited for', async () => {
    await using dying = await startTakingPart(folder, 'dying', 'dies')
    await session.register({ files: [dying.file] })
    const result = await session.shutdown()
    assert.deepEqual(brief(rowOf(result, dying.file)), { ...stopped, outcome: 'stopped-other' })
    const { applications } = await session.list()
    assert.deepEqual(
      applications.map(({ status }) => status),
      [['running', 'stopped-other']],
    )
  })

  it('may register for restart when they are asked', async () => {
    await using late = await startTakingPart(folder, 'late', 'registers-late')
    await session.register({ files: [late.file] })
    assert.equal((await session.list()).applications[0]?.restartable, false)
    await session.shutdown()
    const { applications } = await session.restart()
    assert.deepEqual(
      applications.map(({ outcome }) => outcome),
      ['restarted'],
    )
    await until('it runs again', () => late.log().some((line) => line.startsWith('again ')))
  })

  it('are told to stay where the shutdown is cancelled while they are asked', async () => {
    await using mute = await startTakingPart(folder, 'mute', 'never-answers')
    await using willing = await startTakingPart(folder, 'willing')
    await session.register({ files: [mute.file, willing.file] })
    const shutdown = session.shutdown()
    await mute.notes('asked close-app')
    await willing.notes('asked close-app')
    await session.cancel()
    await assert.rejects(shutdown, { code: 'CANCELLED' })
    for (const one of [mute, willing]) {
      await one.notes('stays')
      assert.ok(isRunning(one.process))
    }
    assert.equal((await session.summary()).state, 'open')
  })

  it('stay where the installer is killed while it asks', async () => {
    await using mute = await startTakingPart(folder, 'mute', 'never-answers')
    await using installer = await startFixture('stops', [mute.file])
    await mute.notes('asked close-app')
    process.kill(installer.pid, 'SIGKILL')
    await mute.notes('stays')
    assert.ok(isRunning(mute.process))
  })

  it('are asked in every process and thread: workers of node:cluster, worker threads', async () => {
    await using clustered = await startTakingPart(folder, 'clustered', 'cluster')
    await using threaded = await startTakingPart(folder, 'threaded', 'threads')
    await session.register({ files: [clustered.file, threaded.file] })
    const result = await session.shutdown()
    assert.deepEqual(result.applications.map(brief), [stopped, stopped])
    // The primary ends first: it would replace a worker that has ended.
    assert.deepEqual(clustered.log().sort(), ['asked primary close-app', 'asked worker close-app', 'saved primary'])
    assert.deepEqual(threaded.log().slice(0, 2).sort(), ['asked main close-app', 'asked thread close-app'])
    assert.ok(threaded.log().some((line) => line.startsWith('saved ')))
  })

  it('take no part any more when they have become another program', async () => {
    await using other = await startTakingPart(folder, 'other', 'becomes-another')
    await session.register({ files: [other.file] })
    const result = await session.shutdown()
    assert.deepEqual(brief(rowOf(result, other.file)), stopped)
    assert.deepEqual(other.log(), [])
  })

  it('take part again when they have become themselves again', async () => {
    await using again = await startTakingPart(folder, 'again', 'starts-over')
    assert.deepEqual(
      readdirSync(join(folder.state, 'applications')).filter((name) => name.endsWith('.socket')),
      [`${again.process.pid}-${again.process.startTime}-0.socket`],
    )
    await session.register({ files: [again.file] })
    await session.shutdown()
    assert.deepEqual(again.log(), ['asked close-app', 'saved'])
  })

  it('are not kept alive by that, and leave nothing behind, not even when they are killed', async () => {
    const state = join(folder.state, 'applications')
    await using killed = await startTakingPart(folder, 'killed')
    assert.deepEqual(
      readdirSync(state).map((name) => name.startsWith(`${killed.process.pid}-`)),
      [true],
    )
    process.kill(killed.process.pid, 'SIGKILL')
    await until('it has ended', () => !isRunning(killed.process))
    assert.equal(readdirSync(state).length, 1)
    await using alone = startProgram([
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, '../fixtures/takes-part.ts'),
      folder.path('alone.dat'),
      folder.path('alone.log'),
      'alone',
    ])
    const { process: identity } = alone
    await until('it has ended by itself', () => !isRunning(identity))
    assert.deepEqual(readdirSync(state), [])
    assert.ok(existsSync(state))
  })

  it('are asked through directories of whatever length', async () => {
    const long = folder.directory('x'.repeat(200))
    process.env['RESTART_MANAGER_RUNTIME_DIR'] = join(long, 'state')
    try {
      await using one = await startTakingPart(folder, 'one', 'refuses')
      await session.register({ files: [one.file] })
      await refused()
      assert.deepEqual(one.log().slice(0, 1), ['asked close-app'])
    } finally {
      process.env['RESTART_MANAGER_RUNTIME_DIR'] = folder.state
    }
  })
})
