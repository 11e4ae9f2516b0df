import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { readEnvironment } from '../../src/linux/process-details.ts'
import type { ProcessIdentity } from '../../src/model/index.ts'
import { processManager } from '../../src/processes/index.ts'
import type { ProcessRestartRecord } from '../../src/processes/process-manager.ts'
import { Folder } from '../support/folder.ts'

const record: ProcessRestartRecord = {
  executable: '/bin/sleep',
  commandLine: ['30'],
  workingDirectory: '/',
  environment: {},
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  groups: [],
  standardFiles: [null, null, null],
}

describe('starting a program', () => {
  it('answers who it is once it stays up', async () => {
    const made: ProcessIdentity[] = []
    const started = await processManager.start(record, async (one) => void made.push(await Promise.resolve(one)))
    assert.deepEqual(made, [started])
    assert.ok(processManager.isRunning(started))
    assert.equal(processManager.kill(started), 'sent')
    assert.deepEqual(await processManager.waitForEnd([started], { timeoutMs: 5000 }), [])
    assert.equal(processManager.ask(started), 'ended')
  })

  for (const [what, change, message] of [
    ['ends at once', { executable: '/bin/false' }, /ended at once \(exit 1\)/],
    ['is gone', { executable: '/bin/not-there' }, /program is gone: \/bin\/not-there/],
    ['has no working directory', { workingDirectory: '/not-there' }, /working directory is gone: \/not-there/],
  ] as const) {
    it(`says so where it ${what}`, async () => {
      await assert.rejects(
        processManager.start({ ...record, ...change }, () => Promise.resolve()),
        message,
      )
    })
  }
})

describe('a program that is held until its process is written down', () => {
  const made = async (
    change: Partial<ProcessRestartRecord>,
    meanwhile: (process: ProcessIdentity) => Promise<void>,
  ) => {
    let process: ProcessIdentity | undefined
    const started = processManager.start({ ...record, ...change }, async (one) => {
      process = one
      await meanwhile(one)
    })
    const outcome = await started.then(
      () => 'runs',
      (error: unknown) => (error as Error).message,
    )
    assert.ok(process)
    return { process, outcome }
  }

  it('does not run before', async () => {
    using folder = new Folder()
    const proof = folder.path('proof')
    const touch = { executable: '/bin/sh', commandLine: ['-c', `: > ${proof}; sleep 30`] }
    const { process, outcome } = await made(touch, async () => {
      assert.equal(await Promise.resolve(existsSync(proof)), false)
    })
    assert.equal(outcome, 'runs')
    assert.equal(existsSync(proof), true)
    assert.equal(await processManager.cameUp(process), true)
    for (const one of processManager.groupOf(process)) processManager.kill(one)
  })

  it('never runs where that fails; its process ends', async () => {
    using folder = new Folder()
    const proof = folder.path('proof')
    const touch = { executable: '/bin/touch', commandLine: [proof] }
    const { process, outcome } = await made(touch, () => Promise.reject(new Error('no room')))
    assert.equal(outcome, 'no room')
    assert.equal(await processManager.cameUp(process), false)
    assert.equal(existsSync(proof), false)
  })

  it('has not come up where its process was killed meanwhile', async () => {
    const { process, outcome } = await made({}, async (one) => {
      processManager.kill(one)
      await processManager.waitForEnd([one], { timeoutMs: 5000 })
    })
    assert.match(outcome, /ended at once \(SIGKILL\)/)
    assert.equal(await processManager.cameUp(process), false)
  })

  for (const [what, more] of [
    ['that a shell can hand on', {}],
    ['with names that no shell can hand on', { 'a.b': '1', PPID: '1', 'BASH_FUNC_x%%': '() {  :\n}' }],
  ] as const) {
    it(`has the environment that was recorded, ${what}`, async () => {
      const odd = {
        PWD: '/not/here',
        OLDPWD: '/nor here',
        IFS: ':',
        LC_ALL: 'xx_YY',
        EMPTY: '',
        A: `it's\n"$HOME" \\`,
      }
      const environment = { ...odd, ...more }
      const { process, outcome } = await made({ environment, commandLine: ['30'] }, () => Promise.resolve())
      assert.equal(outcome, 'runs')
      // What bash adds where it is /bin/sh.
      const { _, SHLVL, ...actual } = readEnvironment(process.pid) ?? {}
      assert.deepEqual(actual, environment, `${_} ${SHLVL}`)
      processManager.kill(process)
    })
  }
})
