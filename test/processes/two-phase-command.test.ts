import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { readFileSync } from 'node:fs'
import { isRunning } from '../../src/linux/process-stat.ts'
import { processManager } from '../../src/processes/index.ts'
import { until } from '../support/application.ts'
import { startProgram } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'
import { startTakingPart } from '../support/taking-part.ts'

const root = join(import.meta.dirname, '../..')
const restartctl = [process.execPath, '--disable-warning=ExperimentalWarning', join(root, 'src/cli/restartctl.ts')]

describe('restartctl run, and applications that take part', () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => folder[Symbol.dispose]())

  async function run(...args: string[]) {
    const [node = '', ...rest] = restartctl
    const child = spawn(node, [...rest, 'run', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [[exitCode], stdout, stderr] = await Promise.all([
      once(child, 'exit') as Promise<[number]>,
      text(child.stdout),
      text(child.stderr),
    ])
    return { exitCode, stdout, stderr }
  }

  it('says who refused, stops nothing and does not run COMMAND', async () => {
    await using editor = await startTakingPart(folder, 'editor', 'refuses')
    await using player = await startTakingPart(folder, 'player')
    const { exitCode, stderr } = await run(editor.file, player.file, '--yes', '--', 'touch', folder.path('ran'))
    assert.equal(exitCode, 4)
    assert.match(stderr, /Did not stop: takes-part\.ts \(process \d+\): it refused to end/)
    assert.match(stderr, /Nothing was stopped: takes-part\.ts: it refused to end/)
    assert.match(stderr, /Left alone: takes-part\.ts/)
    assert.throws(() => readFileSync(folder.path('ran')), { code: 'ENOENT' })
    assert.ok(isRunning(editor.process) && isRunning(player.process))
    await player.notes('stays')
  })

  it('asks without koffi too', async () => {
    await using editor = await startTakingPart(folder, 'editor', 'refuses')
    process.env['NODE_OPTIONS'] = `--import=${join(root, 'test/fixtures/lib/without-koffi.ts')}`
    try {
      const { exitCode, stderr } = await run(editor.file, '--yes', '--', 'true')
      assert.equal(exitCode, 4, stderr)
    } finally {
      delete process.env['NODE_OPTIONS']
    }
    await editor.notes('stays')
    assert.deepEqual(editor.log(), ['asked close-app', 'stays'])
  })

  it('--force ends it all the same, and says that it had refused', async () => {
    await using editor = await startTakingPart(folder, 'editor', 'refuses')
    const { exitCode, stderr } = await run(editor.file, '--yes', '--force', '--no-restart', '--', 'true')
    assert.equal(exitCode, 0, stderr)
    assert.match(stderr, /Stopped: takes-part\.ts \(process \d+\): .*it refused to end/)
    assert.deepEqual(editor.log(), ['asked close-app', 'saved'])
  })

  it('stops a Python program that registered by the command, by SIGTERM, and starts it again', async () => {
    const [file, log] = [folder.write('held.dat', ''), folder.write('python.log', '')]
    const fixture = join(root, 'test/fixtures/registers.py')
    await using python = startProgram(['python3', fixture, file, log, ...restartctl, 'application', 'register', '--'])
    await until(
      'it has registered',
      () => 'record' in processManager.restartability(python.process, { allowed: false }),
    )
    const { exitCode, stderr } = await run(file, '--yes', '--', 'true')
    assert.equal(exitCode, 0, stderr)
    await until('it runs again', () => /^saved\nagain \d+\n$/.test(readFileSync(log, 'utf8')))
    const again = processManager.identify(Number(/again (\d+)/.exec(readFileSync(log, 'utf8'))?.[1]))
    assert.ok(again)
    processManager.kill(again)
    await processManager.waitForEnd([again], { timeoutMs: 5000 })
  })
})
