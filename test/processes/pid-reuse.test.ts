import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Folder } from '../support/folder.ts'

const run = promisify(execFile)
const fixture = fileURLToPath(new URL('../fixtures/reuses-a-pid.ts', import.meta.url))

/** A PID namespace in which nobody else takes pids; all in it end with its first process, and that with this one's child. */
const namespace = ['--pid', '--fork', '--kill-child', '--mount-proc', '--mount', '--propagation', 'private']

async function inNamespace(scenario: string): Promise<{ lives: boolean; answer: unknown }> {
  using folder = new Folder()
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', fixture, scenario, folder.root]
  folder.write('used.dat', '')
  const { stdout } = await run('unshare', [...namespace, 'sh', '-c', '"$@"; exit $?', 'sh', ...node], {
    env: { ...process.env, RESTART_MANAGER_RUNTIME_DIR: folder.state },
    timeout: 30_000,
    killSignal: 'SIGKILL',
  })
  return JSON.parse(stdout) as { lives: boolean; answer: unknown }
}

describe(
  'an innocent program that gets the pid of an application lives',
  { skip: process.getuid?.() === 0 ? false : 'needs root' },
  () => {
    for (const [scenario, expected] of [
      ['between the list and the stop', [['stopped', null]]],
      ['while the shutdown is confirmed', ['stopped-other']],
      ['between the look and the signal', 'ended'],
      ['between the question and the force', [['stopped', null]]],
      ['while its end is waited for', [0, true]],
      ['where it had registered', [true, 'it has ended', 'it did not register for restart', false]],
      ['where it was made and its starter killed', false],
      ['where it listens for installers', [null, null, '']],
      ['by one that listens for installers itself', [null, 'ended', 'ended', '']],
    ] as const) {
      it(scenario, async () => {
        assert.deepEqual(await inNamespace(scenario), { lives: true, answer: expected })
      })
    }
  },
)
