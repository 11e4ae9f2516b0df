import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { groupProcesses } from '../../src/affected/groups.ts'
import { readFactsOf } from '../../src/affected/process-facts.ts'
import { runInSlices } from '../../src/detection/index.ts'

describe('processes of one application', () => {
  it('are in one group where one between them uses nothing, in whatever order they are found', async () => {
    // Three shells, each the child of the one before; the process ids in that order.
    const between = 'echo $$; sh -c "echo \\$\\$; cat"; :'
    const child = spawn('sh', ['-c', `echo $$; sh -c '${between}'; :`], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    try {
      let said = ''
      while (said.split('\n').length < 4) said += String((await once(child.stdout, 'data'))[0])
      const [top, middle, bottom] = said.split('\n').map(Number)
      const facts = [top, bottom].map((pid) => readFactsOf(pid ?? 0)).filter((one) => one !== null)
      assert.equal(facts.length, 2)
      for (const found of [facts, facts.toReversed()]) {
        const groups = await runInSlices(groupProcesses(found, new Set()))
        const pids = groups.map((group) => group.map(({ identity }) => identity.pid).slice(0, 3))
        assert.deepEqual(pids, [[top, middle, bottom]])
      }
    } finally {
      child.stdin.end()
      await ended
    }
  })
})
