import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { RestartSettings } from '../../src/model/index.ts'
import { processManager, registerRestart, unregisterRestart } from '../../src/processes/index.ts'
import type { ProcessRestartRecord } from '../../src/processes/process-manager.ts'
import { until } from '../support/application.ts'
import { startFixture, startProgram, type Fixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

const unseen = 'it cannot be seen how it was started'

describe('a program that has not registered and that the policy lets be started again', () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  function answer({ process: one }: Fixture): ProcessRestartRecord | string {
    const restartability = processManager.restartability(one, { allowed: true })
    return 'record' in restartability ? restartability.record : restartability.reason
  }

  /** The program and its arguments, or why not. */
  async function howStarted(command: string[], environment = {}): Promise<unknown> {
    await using fixture = startProgram(command, { environment })
    const record = answer(fixture)
    return typeof record === 'string' ? record : [record.executable, ...record.commandLine]
  }

  it('is started with the arguments that it was started with', async () => {
    assert.deepEqual(await howStarted(['/bin/cat', '-u', '-']), ['/bin/cat', '-u', '-'])
  })

  it('is started under the name that it was started under: the program may look at that', async () => {
    const tool = folder.path('tool')
    symlinkSync('/bin/cat', tool)
    assert.deepEqual(await howStarted([tool, '-u']), [tool, '-u'])
    assert.deepEqual(await howStarted(['tool', '-u'], { PATH: folder.root }), [tool, '-u'])
  })

  for (const [what, script] of [
    ['has written something else over its name', 'exec -a "cat: master process" cat'],
    ['has arguments that are not UTF-8', "exec sh -c 'cat; :' sh $'\\xff'"],
    ['has a name of another program', 'exec -a dog cat'],
  ] as const) {
    it(`is not where it ${what}`, async () => {
      await using fixture = startProgram(['bash', '-c', script])
      await until('it cannot be seen', () => answer(fixture) === unseen)
    })
  }

  it('is not where it has written a shorter title over its arguments', async () => {
    const text = 'process.title = "node"; process.stdin.resume()'
    await using fixture = startProgram([process.execPath, '-e', text])
    await until('it has its title', () => answer(fixture) === unseen)
  })

  it('is not where it registered not to be, and with what it registered where it did', async () => {
    await using fixture = await startFixture('opens-a-file', [folder.write('a', '')])
    const flags: RestartSettings['flags'] = { noCrash: false, noHang: false, noPatch: false, noReboot: false }
    registerRestart(fixture.process, ['--again'], flags)
    const record = answer(fixture)
    assert.ok(typeof record === 'object')
    assert.deepEqual(record.commandLine, ['--again'])
    registerRestart(fixture.process, ['--again'], { ...flags, noPatch: true })
    assert.equal(answer(fixture), 'it registered not to be restarted after an update (noPatch)')
    unregisterRestart(fixture.process)
    assert.equal(typeof answer(fixture), 'object')
    assert.deepEqual(processManager.restartability(fixture.process, { allowed: false }), {
      reason: 'it did not register for restart',
    })
  })
})
