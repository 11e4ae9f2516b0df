import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { startedBefore } from '../../../src/linux/clock.ts'
import { readProcessStat } from '../../../src/linux/process-stat.ts'
import { Folder } from '../../support/folder.ts'

const minuteMs = 60_000
const program = `
  import { startedBefore } from ${JSON.stringify(new URL('../../../src/linux/clock.ts', import.meta.url).href)}
  import { readProcessStat } from ${JSON.stringify(new URL('../../../src/linux/process-stat.ts', import.meta.url).href)}
  const { startTime } = readProcessStat(process.pid).identity
  console.log(startedBefore(startTime, Date.now() - ${minuteMs}), startedBefore(startTime, Date.now() + ${minuteMs}))
`

describe('whether a process started before a time', () => {
  it('is told of this one', () => {
    const startTime = readProcessStat(process.pid)?.identity.startTime ?? 0n
    assert.equal(startedBefore(startTime, Date.now() - minuteMs), false)
    assert.equal(startedBefore(startTime, Date.now() + minuteMs), true)
  })

  it(
    'is told in a container that shows an uptime of its own',
    { skip: process.getuid?.() !== 0 && 'needs root' },
    () => {
      using folder = new Folder()
      const uptime = folder.write('uptime', '5.00 5.00\n')
      const node = [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program]
      const script = 'mount --bind "$1" /proc/uptime && shift && exec "$@"'
      const inMounts = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh']
      const { stdout, stderr } = spawnSync('unshare', [...inMounts, uptime, ...node], { encoding: 'utf8' })
      assert.equal(stdout, 'false true\n', stderr)
    },
  )
})
