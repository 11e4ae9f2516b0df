import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { listSessions } from '../../src/index.ts'
import { isRunning } from '../../src/linux/process-stat.ts'
import { jsonLines, quoted, restartctl, restartctlCommand, startCommand } from '../fixtures/command.ts'
import { startApplication, until, type TestApplication } from '../support/application.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

describe('restartctl run', () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  function run(application: TestApplication, ...rest: string[]) {
    return restartctl(['run', '--yes', application.file, ...rest])
  }

  it('stops what uses the file, runs COMMAND, and starts it again with the new file', async () => {
    await using application = await startApplication(folder, 'one')
    const { pid } = application.fixture
    const update = `printf %s new > "$0.new"; mv "$0.new" "$0"; kill -0 ${pid} 2> /dev/null && echo runs; echo updated`
    const { code, stdout, stderr } = await run(application, '--', 'sh', '-c', update, application.file)
    assert.deepEqual([code, stdout], [0, 'updated\n'])
    await until('it runs again', () => application.facts().again)
    assert.equal(application.facts().content, 'new')
    const lines = stderr.split('\n')
    assert.match(String(lines[0]), /^APPLICATION +TYPE/)
    assert.match(
      stderr,
      new RegExp(
        `\nStopped: application.ts \\(process ${pid}\\): .*\nStarted: application.ts \\(process ${application.facts().pid}\\): .*\n` +
          '    Not as before: its standard input.*, now /dev/null.*\n$',
      ),
    )
    assert.doesNotMatch(stderr, /\u001b|\r|%/)
    assert.deepEqual(await listSessions(), [])
  })

  it('says nothing with --quiet', async () => {
    await using application = await startApplication(folder, 'one')
    assert.deepEqual(await run(application, '--quiet', '--', 'true'), { code: 0, stdout: '', stderr: '' })
    await until('it runs again', () => application.facts().again)
  })

  it("answers COMMAND's exit code, and starts again all the same", async () => {
    await using application = await startApplication(folder, 'one')
    const failed = await run(application, '--', 'sh', '-c', 'echo oops >&2; exit 42')
    assert.equal(failed.code, 42)
    assert.match(failed.stderr, /\noops\n/)
    await until('it runs again', () => application.facts().again)
    const killed = await restartctl(['run', '--yes', folder.path('unused'), '--', 'sh', '-c', 'kill -KILL $$'])
    assert.equal(killed.code, 128 + 9)
  })

  for (const [what, command] of [
    ['is not there', '/not/there'],
    ['is not in PATH', 'restart-manager-test-not-there'],
    ['may not be run', import.meta.filename],
  ] as const) {
    it(`answers 2 and stops nothing where COMMAND ${what}`, async () => {
      await using application = await startApplication(folder, 'one')
      const { code, stdout, stderr } = await run(application, '--', command)
      assert.deepEqual(
        [code, stdout, stderr],
        [2, '', `restartctl: No such command: ${command}; nothing was stopped\n`],
      )
      assert.ok(isRunning(application.fixture.process))
      assert.deepEqual(await listSessions(), [])
    })
  }

  for (const command of ['/tmp', '']) {
    it(`answers 2 and stops nothing where COMMAND is ${JSON.stringify(command)}`, async () => {
      await using application = await startApplication(folder, 'one')
      const { code, stderr } = await run(application, '--', command)
      assert.equal(code, 2)
      assert.match(stderr, /nothing was stopped\n$/)
      assert.equal(application.facts().again, false)
      assert.ok(isRunning(application.fixture.process))
    })
  }

  it('leaves down with --no-restart what it stopped', async () => {
    await using application = await startApplication(folder, 'one')
    const { process: identity, pid } = application.fixture
    const { code, stderr } = await run(application, '--no-restart', '--', 'true')
    assert.equal(code, 0)
    assert.match(stderr, new RegExp(`\nStopped: application.ts \\(process ${pid}\\): .*\n$`))
    assert.equal(isRunning(identity), false)
    assert.equal(application.facts().again, false)
  })

  it('says of a program that did not register that it stays down', async () => {
    await using plain = await startFixture('opens-a-file', [folder.write('a', '')])
    const { process: identity, pid } = plain
    const { code, stderr } = await restartctl(['run', '--yes', folder.path('a'), '--', 'true'])
    assert.equal(code, 0)
    assert.match(
      stderr,
      new RegExp(`\nStays down: opens-a-file.ts \\(process ${pid}\\): it did not register for restart\n$`),
    )
    assert.equal(isRunning(identity), false)
  })

  it('gives COMMAND the key, with which it registers as a secondary', async () => {
    await using application = await startApplication(folder, 'one')
    const script = [
      'set -e',
      'test ${#RESTART_MANAGER_SESSION} = 32',
      `${quoted(restartctlCommand)} session register /not/there`,
      `${quoted(restartctlCommand)} session status --json`,
    ]
    const { code, stdout, stderr } = await run(application, '--', 'sh', '-c', script.join('\n'))
    assert.equal(code, 0, stderr)
    const summary = JSON.parse(stdout) as { state: string; participants: Record<string, string>[]; resources: object }
    assert.deepEqual(
      [summary.state, summary.resources],
      ['stopped', { files: 2, directories: 0, processes: 0, services: 0 }],
    )
    assert.deepEqual(
      summary.participants.map(({ role, state }) => [role, state]),
      [
        ['primary', 'registering'],
        ['secondary', 'left'],
      ],
    )
  })

  it('prints JSON lines, the last one of type result, and nothing of COMMAND between them', async () => {
    await using application = await startApplication(folder, 'one')
    const transcript = await run(application, '--json', '--', 'sh', '-c', 'echo from the command; exit 3')
    assert.deepEqual([transcript.code, transcript.stderr], [3, 'from the command\n'])
    const lines = jsonLines(transcript)
    assert.deepEqual(
      lines.map(({ type }) => type),
      ['list', 'progress', 'progress', 'command', 'progress', 'progress', 'result'],
    )
    const progress = lines.filter(({ type }) => type === 'progress')
    assert.deepEqual(
      progress.map(({ percent, phase }) => [percent, phase]),
      [
        [99, 'shutdown'],
        [100, 'shutdown'],
        [99, 'restart'],
        [100, 'restart'],
      ],
    )
    const result = lines.at(-1) as Record<'shutdown' | 'restart', { applications: { outcome: string }[] }>
    assert.deepEqual(
      [result.shutdown.applications[0]?.outcome, result.restart.applications[0]?.outcome],
      ['stopped', 'restarted'],
    )
    const { exitCode, error, command } = lines.at(-1) ?? {}
    assert.deepEqual([exitCode, error, command], [3, null, { exitCode: 3 }])
  })

  it('ends with a result in JSON also where it fails', async () => {
    const args = ['run', '--yes', '--json', '--process', String(process.pid), '--', 'touch', folder.path('ran')]
    const transcript = await restartctl(args)
    assert.equal(transcript.code, 3)
    const result = jsonLines(transcript).at(-1) as { type: string; exitCode: number; error: Record<string, string> }
    assert.deepEqual([result.type, result.exitCode, result.error['code']], ['result', 3, 'REBOOT_REQUIRED'])
    const none = await restartctl(['run', '--json', '/a', '--', '/not/there'])
    assert.equal(none.code, 2)
    const [line] = jsonLines(none) as [typeof result]
    assert.deepEqual([line.type, line.exitCode, line.error['code']], ['result', 2, 'INVALID_ARGUMENT'])
    assert.equal(existsSync(folder.path('ran')), false)
  })

  it('answers 3 where a reboot is required: nothing is stopped, and COMMAND does not run', async () => {
    await using application = await startApplication(folder, 'one')
    const { code, stdout, stderr } = await run(
      application,
      '--process',
      String(process.pid),
      '--',
      'touch',
      folder.path('ran'),
    )
    assert.deepEqual([code, stdout], [3, ''])
    assert.match(stderr, /\nA reboot is required: the installer itself is affected\n/)
    assert.match(
      stderr,
      /\nrestartctl: Nothing was stopped, as only a reboot frees the resources: .*\n.*restartctl list\n$/,
    )
    assert.ok(isRunning(application.fixture.process))
    assert.equal(existsSync(folder.path('ran')), false)
  })

  it('answers 4 where something does not stop: what had stopped is started again, and COMMAND does not run', async () => {
    await using polite = await startApplication(folder, 'polite')
    await using stubborn = await startApplication(folder, 'stubborn', 'ignores-sigterm')
    const { code, stdout, stderr } = await run(
      polite,
      stubborn.file,
      '--timeout',
      '0.3',
      '--',
      'touch',
      folder.path('ran'),
    )
    assert.deepEqual([code, stdout], [4, ''])
    assert.match(
      stderr,
      new RegExp(`Did not stop: application.ts \\(process ${stubborn.fixture.pid}\\): it did not end within 0.3 s`),
    )
    assert.match(stderr, /\n {2}Allow it to be killed: force, restartctl --force\n$/)
    await until('it runs again', () => polite.facts().again)
    assert.ok(isRunning(stubborn.fixture.process))
    assert.equal(existsSync(folder.path('ran')), false)
  })

  it('kills with --force, and says so', async () => {
    await using stubborn = await startApplication(folder, 'stubborn', 'ignores-sigterm')
    const { code, stderr } = await run(stubborn, '--force', '--timeout', '0.2', '--', 'true')
    assert.equal(code, 0)
    assert.match(stderr, /\nStopped: application.ts \(process \d+\): \d+ ms, killed\n/)
    await until('it runs again', () => stubborn.facts().again)
  })

  it('answers 4 with --only-registered where something would stay down', async () => {
    await using plain = await startFixture('opens-a-file', [folder.write('a', '')])
    const { code, stderr } = await restartctl(['run', '--yes', '--only-registered', folder.path('a'), '--', 'true'])
    assert.equal(code, 4)
    assert.match(
      stderr,
      /restartctl: Nothing was stopped, as not everything could be started again: .*did not register/,
    )
    assert.ok(isRunning(plain.process))
  })

  it('answers 5 where something does not come back', async () => {
    const home = folder.directory('home')
    await using application = await startApplication(folder, 'one', 'registered', { under: ['env', '--chdir', home] })
    const { code, stderr } = await run(application, '--', 'rmdir', home)
    assert.equal(code, 5)
    assert.match(stderr, /\nDid not start: application.ts .*: its working directory is gone: .*home\n/)
    assert.match(stderr, /\nrestartctl: Not everything came back: application.ts: its working directory is gone/)
  })

  it('asked to end while COMMAND runs, passes that on, starts again what was stopped, and answers 130', async () => {
    await using application = await startApplication(folder, 'one')
    const script = `trap 'kill $!; echo asked; exit 7' TERM; sleep 60 & echo > '${folder.path('ran')}'; wait`
    await using command = startCommand([
      ...restartctlCommand,
      'run',
      '--yes',
      application.file,
      '--',
      'sh',
      '-c',
      script,
    ])
    await until('COMMAND runs', () => existsSync(folder.path('ran')))
    command.child.kill('SIGTERM')
    const { code, stdout, stderr } = await command.ended
    assert.deepEqual([code, stdout], [130, 'asked\n'])
    assert.match(stderr, /\nStarted: application.ts /)
    await until('it runs again', () => application.facts().again)
    assert.deepEqual(await listSessions(), [])
  })

  it('asked to end while it stops, starts again what was stopped, and answers 130', async () => {
    await using polite = await startApplication(folder, 'polite')
    await using stubborn = await startApplication(folder, 'stubborn', 'ignores-sigterm')
    const words = ['run', '--yes', polite.file, stubborn.file, '--', 'touch', folder.path('ran')]
    const identity = polite.fixture.process
    await using command = startCommand([...restartctlCommand, ...words])
    await until('the polite one has ended', () => !isRunning(identity))
    command.child.kill('SIGINT')
    const { code, stderr } = await command.ended
    assert.equal(code, 130)
    assert.match(stderr, /\nrestartctl: .*cancelled/i)
    await until('it runs again', () => polite.facts().again)
    assert.ok(isRunning(stubborn.fixture.process))
    assert.equal(existsSync(folder.path('ran')), false)
  })

  it('starts again what was stopped also where the reader of its output goes away', async () => {
    await using application = await startApplication(folder, 'one')
    const words = quoted([...restartctlCommand, 'run', '--yes', '--json', application.file, '--', 'true'])
    await using command = startCommand(['sh', '-c', `${words} | head -c 1`])
    await command.ended
    await until('it runs again', () => application.facts().again)
    await until('its session has ended', async () => (await listSessions()).length === 0)
  })
})
