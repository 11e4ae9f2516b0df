import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isShell } from '../../../src/linux/shells.ts'

it('A shell is known by its file, and busybox by what it was called', () => {
  for (const [executable, command, expected] of [
    ['/usr/bin/bash', ['-bash'], true],
    ['/usr/bin/tcsh', ['-csh'], true],
    ['/bin/dash', ['sh', '-c', 'true'], true],
    ['/bin/busybox', ['-ash'], true],
    ['/bin/busybox', ['/bin/busybox', 'sh'], true],
    ['/bin/busybox', ['sleep', '1'], false],
    ['/usr/bin/shred', ['sh'], false],
    [null, ['sh'], false],
  ] as const) {
    assert.equal(isShell(executable, command), expected, `${executable} ${command.join(' ')}`)
  }
})
