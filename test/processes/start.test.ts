import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { processManager } from '../../src/processes/index.ts'
import type { ProcessRestartRecord } from '../../src/processes/process-manager.ts'

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
    const started = await processManager.start(record)
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
      await assert.rejects(processManager.start({ ...record, ...change }), message)
    })
  }
})
