import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { processKey, type AffectedApplication, type ProcessIdentity } from '../../../src/model/index.ts'
import type { Conversation, ProcessManager } from '../../../src/processes/process-manager.ts'
import { askApplications, stopApplications } from '../../../src/shutdown/index.ts'
import { anApplication } from '../../fixtures/store-folder.ts'

const timeouts = { queryMs: 1000, applicationMs: 1000, serviceMs: 1000 }

function application(name: string, pids: number[], more: Partial<AffectedApplication> = {}): AffectedApplication {
  const processes = pids.map((pid) => ({ pid, startTime: 1n }))
  const [process = { pid: 0, startTime: 0n }] = processes
  return { ...anApplication(name), type: 'console', service: null, serviceManager: null, process, processes, ...more }
}

/** Processes that write down what becomes of them. `answers`: by pid; those without one take no part. */
function world(answers: Record<number, string | null>) {
  const log: string[] = []
  const ended = new Set<string>()
  const end = (how: string, process: ProcessIdentity) => {
    log.push(`${how} ${process.pid}`)
    ended.add(processKey(process))
    return 'sent' as const
  }
  const processes: Partial<ProcessManager> = {
    async query(process): Promise<Conversation | null> {
      log.push(`query ${process.pid}`)
      await Promise.resolve()
      const refusal = answers[process.pid]
      if (refusal === undefined) return null
      let told = false
      return {
        refusal,
        async end() {
          told = true
          end('end', process)
        },
        stay() {
          if (!told) log.push(`stay ${process.pid}`)
        },
      }
    },
    groupOf: () => [],
    ask: (process) => (ended.has(processKey(process)) ? 'ended' : end('term', process)),
    waitForEnd: async (all) => all.filter((one) => !ended.has(processKey(one))),
  }
  return { log, processes: processes as ProcessManager }
}

describe('Asking applications', () => {
  const signal = new AbortController().signal

  it('asks every process of every program before any is told to end, and no service', async () => {
    const { log, processes } = world({ 1: null, 2: null, 4: null, 5: null })
    const applications = [
      application('master', [1, 2]),
      application('plain', [3]),
      application('service', [4], { type: 'service', service: 'a.service', serviceManager: 'none' }),
      application('window', [5], { type: 'main-window' }),
    ]
    const asked = await askApplications(applications, { processes, timeouts, signal })
    assert.deepEqual(log, ['query 1', 'query 2', 'query 3', 'query 5'])
    assert.deepEqual(
      applications.map((one) => asked.refusalOf(one)),
      [null, null, null, null],
    )
    const items = applications.filter(({ service }) => service === null).map((one, id) => ({ id, application: one }))
    const settled = async () => undefined
    const context = { processes, serviceManagers: [], timeouts, force: false, signal, asked, settled }
    const rows = await stopApplications(items, context)
    // Windows first; of a program the main process first, then those that it has left.
    assert.deepEqual(log.slice(4), ['end 5', 'end 1', 'term 3', 'end 2'])
    assert.ok(rows.every(({ outcome, refusal }) => outcome === 'stopped' && refusal === undefined))
    asked.stay()
    assert.equal(log.length, 8)
  })

  it('one process that refuses is enough, and everybody who was asked can be told to stay', async () => {
    const { log, processes } = world({ 1: null, 2: 'it refused to end', 3: null })
    const applications = [application('master', [1, 2]), application('other', [3])]
    const asked = await askApplications(applications, { processes, timeouts, signal })
    assert.deepEqual(
      applications.map((one) => asked.refusalOf(one)),
      ['it refused to end', null],
    )
    asked.stay()
    assert.deepEqual(log.slice(3), ['stay 1', 'stay 2', 'stay 3'])
  })

  it('tells everybody to stay when it is cancelled', async () => {
    const { log, processes } = world({ 1: null, 2: null })
    const controller = new AbortController()
    const reason = new Error('cancelled')
    const asking = askApplications([application('one', [1]), application('two', [2])], {
      processes,
      timeouts,
      signal: controller.signal,
    })
    controller.abort(reason)
    await assert.rejects(asking, reason)
    assert.deepEqual(log.slice(2), ['stay 1', 'stay 2'])
  })
})
