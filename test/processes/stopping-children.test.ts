import assert from 'node:assert/strict'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { OperationError, startSession, type PrimarySession, type ShutdownResult } from '../../src/index.ts'
import { readExecutable } from '../../src/linux/process-details.ts'
import { readChildren } from '../../src/linux/process-tree.ts'
import type { ProcessIdentity } from '../../src/model/index.ts'
import { processManager } from '../../src/processes/index.ts'
import { until } from '../support/application.ts'
import { Folder } from '../support/folder.ts'

describe('what a program has started', () => {
  let folder: Folder
  let session: PrimarySession
  let script: ChildProcessByStdio<Writable, Readable, null> | undefined

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    session = await startSession()
  })
  afterEach(async () => {
    await session[Symbol.asyncDispose]()
    script?.stdin.destroy()
    for (const one of started) processManager.kill(one)
    started = []
    folder[Symbol.dispose]()
  })

  let started: ProcessIdentity[] = []

  /** A script that has the registered file open, in a session of its own, and what it has started: these programs. */
  async function startScript(text: string, ...programs: string[]): Promise<ProcessIdentity[]> {
    const file = folder.write('used', '')
    await session.register({ files: [file] })
    script = spawn('bash', ['-c', `exec 3<${file}\n${text}`], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
    await once(script, 'spawn')
    const pid = script.pid ?? 0
    const names = () => readChildren(pid).map((child) => readExecutable(child)?.split('/').at(-1))
    await until(`${programs.join()} run`, () => names().join() === programs.join())
    started = [pid, ...readChildren(pid)].map((one) => processManager.identify(one) ?? assert.fail())
    return started
  }

  const runs = () => started.map((one) => processManager.isRunning(one))

  it('ends with a script that waits for it before it ends itself', async () => {
    await startScript("trap 'exit 0' TERM\ncat\n:", 'cat')
    const { applications } = await session.shutdown({ timeouts: { applicationMs: 2000 } })
    assert.deepEqual(
      applications.map(({ outcome, forced, error }) => [outcome, forced, error]),
      [['stopped', false, null]],
    )
    assert.deepEqual(runs(), [false, false])
  })

  it('ends also where the script does not, which is an error, and with force all of it', async () => {
    await startScript("trap '' TERM\n(trap - TERM; exec cat) | (exec tee)\n:\ncat", 'cat', 'tee')
    const timeouts = { applicationMs: 600 }
    const failure = await session.shutdown({ timeouts }).then(
      () => assert.fail('it was stopped'),
      (error: unknown) => error,
    )
    assert.ok(failure instanceof OperationError)
    const [row] = (failure.result as ShutdownResult).applications
    assert.match(row?.error ?? '', /^it did not end within 0.6 s: process \d+/)
    const { applications } = await session.shutdown({ timeouts, force: true })
    assert.deepEqual(
      applications.map(({ outcome, forced, error }) => [outcome, forced, error]),
      [['stopped', true, null]],
    )
    assert.deepEqual(runs(), [false, false, false])
  })

  it('ends also where all of it was stopped, as by Ctrl+Z', async () => {
    await startScript('cat\n:', 'cat')
    for (const { pid } of started) process.kill(pid, 'SIGSTOP')
    const { applications } = await session.shutdown({ timeouts: { applicationMs: 2000 } })
    assert.deepEqual(
      applications.map(({ outcome, forced }) => [outcome, forced]),
      [['stopped', false]],
    )
    assert.deepEqual(runs(), [false, false])
  })

  it('lives on where it was started to', async () => {
    const endless = `tail --pid=${process.pid} -f /dev/null`
    await startScript(`nohup ${endless} 3<&- >/dev/null 2>&1 &\ncat\n:`, 'tail', 'cat')
    await session.shutdown({ timeouts: { applicationMs: 5000 } })
    assert.deepEqual(runs(), [false, true, false])
  })
})
