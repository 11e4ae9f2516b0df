import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { createInterface } from 'node:readline'
import type { SessionSummary } from '../../../src/index.ts'
import { program, restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { startNginx, type Nginx } from './nginx.ts'
import { property } from './units.ts'

describe('a primary that is killed between shutdown and restart', { skip: outsideMachine }, () => {
  let nginx: Nginx
  let primary: ChildProcess
  let key: string

  const sessions = async (): Promise<SessionSummary[]> => {
    const { stdout } = await restartctl(['sessions', '--json'])
    return JSON.parse(stdout) as SessionSummary[]
  }

  before(async () => {
    nginx = await startNginx()
    await killPrimary()
  })

  async function killPrimary(): Promise<void> {
    const [command = '', ...args] = program('stops-and-waits', 'nginx')
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    primary = child
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    ;({ key } = JSON.parse(line) as { key: string })
    assert.deepEqual(
      (await sessions()).map(({ state, stopped }) => [state, stopped]),
      [['stopped', ['nginx']]],
    )
    primary.kill('SIGKILL')
    await once(primary, 'exit')
  }

  after(() => primary.kill('SIGKILL'))

  it('leaves a session that is shown as abandoned, with what it has left stopped', async () => {
    const all = await sessions()
    assert.deepEqual(
      all.map(({ state, stopped, owner }) => [state, stopped, owner.pid]),
      [['abandoned', ['nginx'], primary.pid]],
    )
    assert.equal(await property('nginx', 'ActiveState'), 'inactive')
    const { stdout } = await restartctl(['sessions'])
    assert.match(stdout, /abandoned.*nginx/)
  })

  it('leaves a session that nobody joins any more', async () => {
    const { status, stderr } = await restartctl(['session', 'register', '/run/any', '--session', key])
    assert.equal(status, 6)
    assert.match(stderr, /abandoned/)
  })

  it('leaves a session whose key still starts what was stopped', async () => {
    const { status, stderr } = await restartctl(['session', 'restart', '--session', key])
    assert.equal(status, 0, stderr)
    assert.equal(await nginx.answer(), 'old')
    assert.deepEqual(
      (await sessions()).map(({ stopped }) => stopped),
      [[]],
    )
  })

  it('leaves a session that can be ended', async () => {
    assert.equal((await restartctl(['session', 'end', '--session', key])).status, 0)
    assert.deepEqual(await sessions(), [])
  })

  it('is made good by recover, without the key, by two people at once', async () => {
    await killPrimary()
    assert.match((await restartctl(['sessions'])).stderr, /restartctl recover/)
    const both = await Promise.all([restartctl(['recover']), restartctl(['recover'])])
    assert.deepEqual(
      both.map(({ status }) => status),
      [0, 0],
      both.map(({ stderr }) => stderr).join('\n'),
    )
    assert.equal(await nginx.answer(), 'old')
    assert.deepEqual(await sessions(), [])
    const started = both.flatMap(({ stderr }) => /Started: nginx/.exec(stderr) ?? [])
    assert.equal(started.length, 1)
  })
})
