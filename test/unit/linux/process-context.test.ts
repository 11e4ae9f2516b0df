import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseControlGroups, parseLimits } from '../../../src/linux/process-context.ts'

describe('the context of a process, out of /proc', () => {
  it('has limits by the names of prlimit(1), whatever the width of the columns', () => {
    const rows = [
      'Limit                     Soft Limit           Hard Limit           Units     ',
      'Max open files            1024                 524288               files     ',
      'Max locked memory         18446744073709551614 unlimited            bytes     ',
      'Max nice priority         0                    0                    ',
      'Max something new         1                    2                    ',
    ]
    assert.deepEqual(parseLimits(`${rows.join('\n')}\n`), {
      nofile: { soft: '1024', hard: '524288' },
      memlock: { soft: '18446744073709551614', hard: 'unlimited' },
      nice: { soft: '0', hard: '0' },
    })
  })

  it('has control groups of both versions, with colons in their paths', () => {
    assert.deepEqual(parseControlGroups('5:cpu,cpuacct:/\n1:name=systemd:/a/b:c.scope\n0::/a\n'), [
      { hierarchy: 'cpu,cpuacct', path: '/' },
      { hierarchy: 'name=systemd', path: '/a/b:c.scope' },
      { hierarchy: '', path: '/a' },
    ])
  })
})
