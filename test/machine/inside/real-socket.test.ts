import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { before, beforeEach, describe, it } from 'node:test'
import { program } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { modes, runAndCompare } from './modes.ts'
import { install, output, property } from './units.ts'

const path = '/run/rm-answers.sock'
const change = { resources: ['--service', 'rm-answers'], again: ['rm-answers.service'], held: ['rm-answers.socket'] }

describe('a service that its socket activates, and the whole machine around it', { skip: outsideMachine }, () => {
  const [stopped, inPlace] = modes
  before(async () => {
    await install({
      'rm-answers.socket': `[Socket]\nListenStream=${path}\n`,
      'rm-answers.service': `[Service]\nExecStart=${program('answers-from-socket').join(' ')}\n`,
    })
    await output('systemctl', 'start', 'rm-answers.socket')
  })
  beforeEach(async () => {
    await ask()
    assert.equal(await property('rm-answers', 'ActiveState'), 'active')
  })

  /** The pid of what answers. */
  async function ask(): Promise<string> {
    const connection = createConnection(path)
    await once(connection, 'connect')
    return (await text(connection)).trim()
  }

  /** Asks without a pause while `work` goes on; what each connection came to. */
  async function whileAsking(work: () => Promise<unknown>): Promise<string[]> {
    const answers: string[] = []
    const over = new AbortController()
    const client = (async () => {
      while (!over.signal.aborted) {
        answers.push(await ask().catch((error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error)))
        await turn()
      }
    })()
    await work().finally(() => over.abort())
    await client
    return answers
  }

  it('answers every client in place', async () => {
    const old = await property('rm-answers', 'MainPID')
    const answers = await whileAsking(() => runAndCompare(inPlace, change))
    const pids = [old, await property('rm-answers', 'MainPID')]
    assert.deepEqual([...new Set(answers)].sort(), pids.sort())
  })

  it('is not woken by clients while it is stopped, and answers them afterwards', async () => {
    const answers = await whileAsking(() => runAndCompare(stopped, change))
    const pids = new Set(answers.filter((answer) => /^\d+$/.test(answer)))
    assert.ok(pids.size <= 2, `answered by ${[...pids].join(', ')}`)
    assert.ok(answers.includes('ECONNREFUSED') || answers.includes('ENOENT'), 'the socket was held')
    assert.equal(await ask(), await property('rm-answers', 'MainPID'))
  })

  it('stays down where only its socket was up', async () => {
    for (const mode of modes) {
      // Both at once: a service that nothing refers to is unloaded, with what is known of its last run.
      await output('systemctl', 'stop', 'rm-answers.socket', 'rm-answers.service')
      await output('systemctl', 'start', 'rm-answers.socket')
      const held = mode.meanwhile === 'inactive' ? ['rm-answers.socket'] : []
      await runAndCompare(mode, { resources: change.resources, again: [], held })
    }
    await ask()
  })
})
