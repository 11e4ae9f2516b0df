import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Folder } from '../support/folder.ts'

const program = fileURLToPath(new URL('../fixtures/names-all-processes.ts', import.meta.url))
const node = [process.execPath, '--disable-warning=ExperimentalWarning', program]
/** Four days: start times with the same last digits lie 13 h 53 min apart. */
const later = '345600'
const inMounts = ['--mount', '--propagation', 'private']
const inTime = ['--time', '--fork', '--boottime']

function namesAll(command: string[]): void {
  const { stdout, stderr } = spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' })
  assert.match(stdout, /^\{"processes":\d+,"wrong":0\}$/m, stderr)
}

/** time_namespaces(7), util-linux 2.36. */
function whyNoNamespaces(): string | false {
  if (process.getuid?.() !== 0) return 'needs root'
  const { status } = spawnSync('unshare', [...inMounts, ...inTime, later, 'true'])
  return status !== 0 && 'needs time namespaces'
}

describe('a FILETIME leads back to its process, for every process there is', () => {
  it('here', () => {
    namesAll(node)
  })

  const skip = whyNoNamespaces()

  it('on a machine that is up for days', { skip }, () => {
    namesAll(['unshare', ...inTime, later, ...node])
  })

  it('in a container that tells its own uptime, on a machine that is up for days', { skip }, () => {
    using folder = new Folder()
    const uptime = folder.write('uptime', '5.00 5.00\n')
    const script = 'mount --bind "$1" /proc/uptime && shift && exec "$@"'
    namesAll(['unshare', ...inMounts, ...inTime, later, 'sh', '-c', script, 'sh', uptime, ...node])
  })
})
