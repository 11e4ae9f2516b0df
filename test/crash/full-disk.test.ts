import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startCommand } from '../fixtures/command.ts'

const program = fileURLToPath(new URL('../fixtures/full-disk.ts', import.meta.url))
const privately = ['unshare', '--mount', '--propagation', 'private']
const full = /^STORE_FAILED: .*database or disk is full$/

describe('a disk for sessions that is full or read-only', () => {
  it(
    'is an error that says so, and nothing is lost',
    { skip: process.getuid?.() !== 0 && 'mounting takes root' },
    async () => {
      const node = [process.execPath, '--disable-warning=ExperimentalWarning', program]
      await using command = startCommand([...privately, ...node])
      const { code, stdout, stderr } = await command.ended
      assert.equal(code, 0, stderr)
      const wanted: [what: string, outcome: RegExp, running: string][] = [
        ['shutdown on a full disk', full, '1 1'],
        ['shutdown on a disk that is full half-way', full, '0 0'],
        ['restart on a full disk', full, '0 0'],
        // One of the two had been written down, and was let go.
        ['restart on a disk that is full half-way', full, '1 0'],
        ['restart with room again', /^done$/, '1 1'],
        ['recover on a full disk', full, '0 0'],
        ['recover on a read-only disk', /^STORE_FAILED: .*attempt to write a readonly database$/, '0 0'],
        ['recover with room again', /^done$/, '1 1'],
      ]
      const steps = JSON.parse(stdout) as [string, string, string][]
      assert.deepEqual(
        steps.map(([what, , running]) => [what, running]),
        wanted.map(([what, , running]) => [what, running]),
      )
      for (const [index, [what, outcome]] of wanted.entries()) assert.match(steps[index]?.[1] ?? '', outcome, what)
    },
  )
})
