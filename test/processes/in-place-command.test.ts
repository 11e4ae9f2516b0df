import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { listSessions } from '../../src/index.ts'
import { processManager } from '../../src/processes/index.ts'
import { jsonLines, restartctl, restartctlCommand, startTerminal } from '../fixtures/command.ts'
import { startApplication, until, type TestApplication } from '../support/application.ts'
import { Folder } from '../support/folder.ts'

describe('restartctl run --in-place', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(async () => {
    assert.deepEqual(await listSessions(), [], 'no session is left')
    folder[Symbol.dispose]()
  })

  /** COMMAND: replaces the file, and says whether who uses it runs. */
  const update = ({ file, fixture: { pid } }: TestApplication, more = '') => [
    ...['sh', '-c', `kill -0 ${pid} && echo runs; printf new >"$0.new"; mv "$0.new" "$0"; ${more}`, file],
  ]

  async function runsAnew(application: TestApplication): Promise<void> {
    await until('it runs again', () => application.facts().again)
    assert.equal(application.facts().content, 'new')
  }

  it('runs COMMAND first, and then restarts who uses the old version', async () => {
    await using old = await startApplication(folder, 'old')
    const { code, stdout, stderr } = await restartctl(['run', '--in-place', '--yes', old.file, '--', ...update(old)])
    assert.deepEqual([code, stdout], [0, 'runs\n'], stderr)
    assert.match(stderr, /^Started: application.ts /m)
    assert.doesNotMatch(stderr, /Not restarted/)
    await runsAnew(old)
  })

  it('lists what remains by what cures it', async () => {
    await using other = await startApplication(folder, 'other', 'unregistered')
    const { code, stderr } = await restartctl(['run', '--in-place', '--yes', other.file, '--', ...update(other)])
    assert.equal(code, 0, stderr)
    const line = `    application.ts \\(process ${other.fixture.pid}\\), uses ${other.file}: .*register`
    assert.match(stderr, new RegExp(`^Not restarted, .*: 1 application\n  Start again by hand \\(1\\):\n${line}`, 'm'))
    assert.ok(processManager.isRunning(other.fixture.process))
  })

  it('writes lines of JSON', async () => {
    await using old = await startApplication(folder, 'old')
    const answer = await restartctl(['run', '--in-place', '--yes', '--json', old.file, '--', ...update(old)])
    const lines = jsonLines(answer)
    assert.deepEqual(
      lines.map(({ type }) => type).filter((type) => type !== 'progress'),
      ['command', 'plan', 'result'],
    )
    const { inPlace, exitCode, error } = lines.at(-1) as {
      inPlace: { applications: { outcome: string }[]; remaining: unknown[] }
      exitCode: number
      error: unknown
    }
    assert.deepEqual([inPlace.applications.map(({ outcome }) => outcome), inPlace.remaining], [['restarted'], []])
    assert.deepEqual([exitCode, error], [0, null])
  })

  it("answers COMMAND's exit code where it fails, and restarts nothing then", async () => {
    await using old = await startApplication(folder, 'old')
    const command = update(old, 'exit 7')
    const { code, stderr } = await restartctl(['run', '--in-place', '--yes', old.file, '--', ...command])
    assert.equal(code, 7)
    assert.match(stderr, /^COMMAND ended with 7: nothing is restarted$/m)
    assert.match(stderr, /Not restarted/)
    assert.ok(!old.facts().again)
  })

  it('only lists with --no-restart, and needs no consent for that', async () => {
    await using old = await startApplication(folder, 'old')
    const { code, stderr } = await restartctl(['run', '--in-place', '--no-restart', old.file, '--', ...update(old)])
    assert.equal(code, 0)
    assert.match(stderr, /Start again by hand \(1\)/)
    assert.ok(!old.facts().again)
  })

  it('ends with 5 where something did not do as it was told, and keeps that on record', async () => {
    await using deaf = await startApplication(folder, 'deaf', 'ignores-sigterm')
    const args = ['run', '--in-place', '--yes', '--timeout', '0.3', deaf.file, '--', ...update(deaf)]
    const { code, stderr } = await restartctl(args)
    assert.equal(code, 5)
    assert.match(stderr, /restartctl recover/)
    const { pid } = deaf.fixture
    process.kill(pid, 'SIGKILL')
    await until('it has ended', () => processManager.identify(pid) === null || deaf.facts().pid !== pid)
    assert.equal((await restartctl(['recover'])).code, 0)
    await runsAnew(deaf)
  })

  it('ends with 2 before COMMAND runs where nobody can be asked, or with what does not go together', async () => {
    const trace = folder.path('trace')
    for (const options of [[], ['--yes', '--force'], ['--yes', '--only-registered']]) {
      const { code } = await restartctl(['run', '--in-place', ...options, folder.path('any'), '--', 'touch', trace])
      assert.equal(code, 2)
      assert.ok(!existsSync(trace))
    }
  })

  for (const { answer, isAnew } of [
    { answer: 'y', isAnew: true },
    { answer: 'n', isAnew: false },
  ]) {
    it(`asks on a terminal when COMMAND has run: ${answer}`, async () => {
      await using old = await startApplication(folder, 'old')
      const words = [...restartctlCommand, 'run', '--in-place', old.file, '--', ...update(old)]
      await using terminal = startTerminal(words, folder.path('pid'))
      await until('it asks', () => terminal.shown().includes('Restart them? [y/N]'))
      assert.match(terminal.shown(), /runs[^]*To be restarted, 1:.* application.ts \(process \d+\)/)
      terminal.type(`${answer}\n`)
      assert.equal(await terminal.ended, 0)
      if (isAnew) await runsAnew(old)
      else assert.match(terminal.shown(), /Start again by hand/)
      assert.equal(old.facts().again, isAnew)
    })
  }
})
