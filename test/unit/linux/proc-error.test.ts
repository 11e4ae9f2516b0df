import assert from 'node:assert/strict'
import { it } from 'node:test'
import { procFailure } from '../../../src/linux/proc-error.ts'

it('tells what a failed look at a process means', () => {
  const expected = {
    ENOENT: 'vanished',
    ESRCH: 'vanished',
    EACCES: 'refused',
    EPERM: 'refused',
    ENOTCONN: 'failed',
    EMFILE: 'ours',
  }
  for (const [code, failure] of Object.entries(expected)) {
    assert.equal(procFailure(Object.assign(new Error(code), { code })), failure)
  }
  assert.equal(procFailure(new TypeError('a mistake in the program')), 'ours')
})
