import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { readContext } from '../../src/linux/process-context.ts'
import { readCredentials, readEnvironment } from '../../src/linux/process-details.ts'
import type { ProcessIdentity } from '../../src/model/index.ts'
import { processManager } from '../../src/processes/index.ts'
import type { ProcessRestartRecord } from '../../src/processes/process-manager.ts'
import { Folder } from '../support/folder.ts'

const context = readContext(process.pid)
const credentials = readCredentials(process.pid)
assert.ok(context && credentials)
const needsRoot = process.getuid?.() === 0 ? false : 'needs root'

const record: ProcessRestartRecord = {
  executable: '/bin/sleep',
  commandLine: ['30'],
  workingDirectory: '/',
  environment: {},
  ...credentials,
  standardFiles: [null, null, null],
  context,
  lost: [],
}

describe('starting a program', () => {
  it('answers who it is once it stays up', async () => {
    const made: ProcessIdentity[] = []
    const { process: started, changed } = await processManager.start(
      record,
      async (one) => void made.push(await Promise.resolve(one)),
    )
    assert.deepEqual(changed, [])
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

describe('what a program that is started again', () => {
  it('wrote to is named where it cannot be opened any more', async () => {
    using folder = new Folder()
    const other = { path: folder.write('log', ''), dev: '0', ino: '0', writable: true }
    const standardFiles = [null, other, other]
    const { process: started, changed } = await processManager.start({ ...record, standardFiles }, async () => {
      // Nothing is written down.
    })
    processManager.kill(started)
    assert.deepEqual(changed, [`its standard output and error (${other.path}, now /dev/null)`])
  })

  it('wrote to is named where its user may not open it', { skip: needsRoot }, async () => {
    using folder = new Folder()
    const log = { path: folder.write('log', ''), dev: '0', ino: '0', writable: true }
    const user = { uid: 65534, gid: 65534, groups: [], standardFiles: [null, log, null] }
    const { process: started, changed } = await processManager.start({ ...record, ...user }, async () => {
      // Nothing is written down.
    })
    processManager.kill(started)
    assert.deepEqual(changed, [`its standard output (${log.path}, now /dev/null)`])
  })

  it('goes on as is found where it goes into the background, and written down', async () => {
    const daemon =
      'import os, signal; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); signal.alarm(30); signal.pause()'
    const made: ProcessIdentity[] = []
    const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim()
    const { process: started } = await processManager.start(
      { ...record, executable: python, commandLine: ['-c', daemon] },
      async (one) => void made.push(await Promise.resolve(one)),
    )
    try {
      assert.deepEqual([made.length, made[1]], [2, started])
      assert.ok(processManager.isRunning(started))
      assert.equal(await processManager.cameUp(started), true)
    } finally {
      processManager.kill(started)
    }
  })
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

describe('a program that cannot be started', () => {
  it('says so where the caller has run out of descriptors, and can be started when it has some', async () => {
    const taken: number[] = []
    try {
      for (;;) taken.push(openSync('/dev/null', 'r'))
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EMFILE')
    }
    const outcomes: string[] = []
    const attempt = () =>
      processManager
        .start(record, () => Promise.resolve())
        .then(({ process: started }) => {
          processManager.kill(started)
          return 'runs'
        })
        .catch((error: unknown) => (error as NodeJS.ErrnoException).code)
    try {
      // One after the other, as one more is free each time.
      for (let free = 0; free < 12; free++) {
        outcomes.push(String(await attempt()))
        closeSync(taken.pop() ?? 0)
      }
    } finally {
      for (const descriptor of taken) closeSync(descriptor)
    }
    assert.equal(outcomes[0], 'EMFILE')
    assert.equal(await attempt(), 'runs')
    assert.deepEqual([...new Set(outcomes)].sort(), ['EMFILE', 'runs'].slice(0, new Set(outcomes).size))
  })

  it('is waited for only so long where its user has stopped the process that was made for it', async () => {
    let made: ProcessIdentity | undefined
    const started = performance.now()
    const outcome = processManager.start(record, async (one) => {
      made = await Promise.resolve(one)
      process.kill(one.pid, 'SIGSTOP')
      throw new Error('no room')
    })
    await assert.rejects(outcome, /no room/)
    assert.ok(made)
    assert.ok(processManager.isRunning(made))
    assert.equal(await processManager.cameUp(made), false)
    assert.ok(performance.now() - started < 10_000)
    assert.deepEqual(await processManager.waitForEnd([made], { timeoutMs: 5000 }), [])
  })

  it('keeps no caller waiting, whatever its process does', async () => {
    const caller = `
      import { readContext } from ${JSON.stringify(import.meta.resolve('../../src/linux/process-context.ts'))}
      import { processManager } from ${JSON.stringify(import.meta.resolve('../../src/processes/index.ts'))}
      const record = { ...${JSON.stringify(record)}, context: readContext(process.pid) }
      const made = async ({ pid }) => {
        console.log(pid)
        process.kill(pid, 'SIGSTOP')
        throw new Error('no room')
      }
      await processManager.start(record, made).catch(() => null)`
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', caller]
    const { stdout, killed } = await promisify(execFile)(process.execPath, args, { timeout: 10_000 }).then(
      (answer) => ({ ...answer, killed: false }),
      (error: unknown) => error as { stdout: string; killed: boolean },
    )
    process.kill(Number(stdout), 'SIGKILL')
    assert.equal(killed, false)
  })
})
