import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../src/cli/restartctl.ts', import.meta.url))
const skip = process.getuid?.() !== 0 && 'a PID namespace takes root'

/** Runs in a PID namespace of its own, with the /proc of this one or with one that fits. */
function listed(...options: string[]) {
  const program = [process.execPath, '--disable-warning=ExperimentalWarning', command, 'list', '/etc/hostname']
  const { status, stderr } = spawnSync('unshare', ['--pid', '--fork', ...options, ...program], { encoding: 'utf8' })
  return { status, stderr }
}

it('nothing is done by the pids of another PID namespace', { skip }, () => {
  const { status, stderr } = listed()
  assert.equal(status, 1)
  assert.match(stderr, /\/proc shows other processes\n.*mount -t proc/)
  assert.deepEqual(listed('--mount-proc'), { status: 0, stderr: '' })
})
