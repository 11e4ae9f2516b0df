import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { listSessions } from '../../src/index.ts'
import { isRunning } from '../../src/linux/process-stat.ts'
import { processManager } from '../../src/processes/index.ts'
import {
  plainEnvironment,
  quoted,
  restartctlCommand,
  startTerminal,
  type TerminalCommand,
} from '../fixtures/command.ts'
import { startApplication, until, type TestApplication } from '../support/application.ts'
import { startProgram } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

describe('restartctl on a terminal', { skip: obstacle() }, () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  function run(files: string[], ...rest: string[]): TerminalCommand {
    return startTerminal([...restartctlCommand, 'run', ...files, ...rest], folder.path('pid'))
  }

  /** The process of restartctl itself. */
  function itself() {
    const identity = processManager.identify(Number(readFileSync(folder.path('pid'), 'utf8')))
    assert.ok(identity)
    return identity
  }

  function unharmed(application: TestApplication): void {
    assert.ok(isRunning(application.fixture.process))
    assert.equal(existsSync(folder.path('ran')), false)
  }

  for (const [what, typed] of [
    ['n', 'n\n'],
    ['nothing', '\n'],
    ['what is no answer', 'yikes\n'],
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ] as const) {
    it(`shows the list and asks; at ${what} it stops nothing and answers 130`, async () => {
      await using application = await startApplication(folder, 'one')
      await using terminal = run([application.file], '--', 'touch', folder.path('ran'))
      await until('it asks', () => terminal.shown().includes('Stop them and run touch? [y/N]'))
      assert.match(terminal.shown(), /APPLICATION[^]*application.ts[^]*one\.dat \(open\)/)
      terminal.type(typed)
      assert.equal(await terminal.ended, 130)
      assert.match(terminal.shown(), /Cancelled: nothing was stopped\r\n$/)
      unharmed(application)
      assert.deepEqual(await listSessions(), [])
    })
  }

  it('goes on at y, with colours and a progress bar', async () => {
    await using application = await startApplication(folder, 'one')
    await using terminal = run([application.file], '--', 'touch', folder.path('ran'))
    await until('it asks', () => terminal.shown().includes('[y/N]'))
    terminal.type('y\n')
    assert.equal(await terminal.ended, 0)
    await until('it runs again', () => application.facts().again)
    assert.ok(existsSync(folder.path('ran')))
    assert.match(terminal.shown(), /\u001b\[1mAPPLICATION/)
    assert.match(terminal.shown(), /Stopping \[=+\] 100%/)
    assert.match(terminal.shown(), /\u001b\[32mStarted\u001b\[39m: application.ts/)
  })

  it('does not ask with --yes, nor where nothing is affected', async () => {
    await using application = await startApplication(folder, 'one')
    for (const terminal of [
      run([application.file], '--yes', '--', 'true'),
      run([folder.path('not-there')], '--', 'true'),
    ]) {
      assert.equal(await terminal.ended, 0)
      assert.doesNotMatch(terminal.shown(), /\[y\/N\]/)
    }
    await until('it runs again', () => application.facts().again)
  })

  it('has no colours where NO_COLOR is set', async () => {
    await using terminal = startTerminal([...restartctlCommand, 'doctor'], folder.path('pid'), { NO_COLOR: '1' })
    await terminal.ended
    assert.match(terminal.shown(), /Node +\d/)
    assert.doesNotMatch(terminal.shown(), /\u001b\[\d+m/)
  })

  it('starts again what was stopped where the terminal goes away while COMMAND runs', async () => {
    await using application = await startApplication(folder, 'one')
    const script = `echo > '${folder.path('ran')}'; n=0
      until test -e '${folder.path('gone')}' || test $n -ge 200; do n=$((n + 1)); sleep 0.05; done`
    await using terminal = run([application.file], '--yes', '--', 'sh', '-c', script)
    await until('COMMAND runs', () => existsSync(folder.path('ran')))
    const identity = itself()
    await terminal.hangUp()
    folder.write('gone', '')
    assert.deepEqual(await processManager.waitForEnd([identity], { timeoutMs: 10_000 }), [])
    await until('it runs again', () => application.facts().again)
    assert.deepEqual(await listSessions(), [])
  })

  it('asked to end at the question, stops nothing and answers 130', async () => {
    await using application = await startApplication(folder, 'one')
    await using terminal = run([application.file], '--', 'touch', folder.path('ran'))
    await until('it asks', () => terminal.shown().includes('[y/N]'))
    assert.equal(processManager.ask(itself()), 'sent')
    assert.equal(await terminal.ended, 130)
    assert.match(terminal.shown(), /Cancelled/)
    unharmed(application)
  })

  it('asked to end by another process while COMMAND runs, passes that on', async () => {
    await using application = await startApplication(folder, 'one')
    const script = `trap 'kill $!; echo asked; exit 0' TERM; sleep 8 & echo > '${folder.path('ran')}'; wait`
    await using terminal = run([application.file], '--yes', '--', 'sh', '-c', script)
    await until('COMMAND runs', () => existsSync(folder.path('ran')))
    assert.equal(processManager.ask(itself()), 'sent')
    await until('COMMAND was asked', () => terminal.shown().includes('asked'))
    assert.equal(await terminal.ended, 130)
    await until('it runs again', () => application.facts().again)
  })

  it('gives hostile names no power over the terminal, not in the progress bar either', async () => {
    const path = folder.path('x\u001b]0;y\u0007z')
    copyFileSync('/bin/cat', path)
    chmodSync(path, 0o755)
    await using program = startProgram([path])
    await using stubborn = await startApplication(folder, 'stubborn', 'ignores-sigterm')
    await using terminal = run([path, stubborn.file], '--yes', '--timeout', '0.5', '--', 'true')
    assert.equal(await terminal.ended, 4)
    assert.match(terminal.shown(), /50% x\\x1b\]0;y\\x07z/)
    assert.ok(!terminal.shown().includes('\u001b]0;y'))
    assert.ok(program.pid > 0)
  })
})

/** Why there is no terminal to be had; false where there is. */
function obstacle(): string | false {
  const command = `test -t 0 && ${quoted(['test', '-t', '2'])}`
  const { error, status } = spawnSync('script', ['-qec', command, '/dev/null'], { env: plainEnvironment(), input: '' })
  if (error) return `needs script(1) of util-linux, which makes a terminal: ${error.message}`
  return status === 0 ? false : 'script(1) makes no terminal here'
}
