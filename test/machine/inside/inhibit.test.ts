import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { afterEach, before, beforeEach, describe, it } from 'node:test'
import { recover, startSession } from '../../../src/index.ts'
import { jsonLines, program, restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, shellService, until } from './units.ts'

const service = 'rm-delays'

/** The delays of the shutdown that logind knows of this program: `['0 delay shutdown']`. */
async function delays(): Promise<string[]> {
  const manager = ['org.freedesktop.login1', '/org/freedesktop/login1', 'org.freedesktop.login1.Manager']
  const shown = await output('busctl', '--json=short', 'call', ...manager, 'ListInhibitors')
  const [all] = (JSON.parse(shown) as { data: [[what: string, who: string, why: string, mode: string, uid: number][]] })
    .data
  return all.filter(([, who]) => who === 'restart-manager').map(([what, , , mode, uid]) => `${uid} ${mode} ${what}`)
}

describe('the shutdown of the machine', { skip: outsideMachine }, () => {
  before(async () => {
    await install({ [`${service}.service`]: shellService('exec sleep infinity') })
  })
  beforeEach(async () => {
    await output('systemctl', 'start', service)
    assert.deepEqual(await delays(), [])
  })
  afterEach(async () => {
    rmSync('/run/restart-manager', { recursive: true, force: true })
    await until('no delay is left', async () => (await delays()).length === 0)
  })

  it('is delayed while something is stopped, and no longer', async () => {
    await using session = await startSession()
    await session.register({ services: [service] })
    await session.list()
    assert.deepEqual(await delays(), [])
    await session.shutdown()
    assert.deepEqual(await delays(), ['0 delay shutdown'])
    assert.match(await output('systemd-inhibit', '--list'), /restart-manager.*stopped/)
    await session.restart()
    assert.deepEqual(await delays(), [])
  })

  it('is not delayed by a session that has ended, and left down what it stopped', async () => {
    const session = await startSession()
    await session.register({ services: [service] })
    await session.shutdown()
    await session.end()
    assert.deepEqual(await delays(), [])
  })

  it('is delayed while COMMAND runs', async () => {
    const list =
      'busctl call org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager ListInhibitors'
    const { status, stdout } = await restartctl(['run', '--service', service, '--yes', '--', 'sh', '-c', list])
    assert.equal(status, 0)
    assert.match(stdout, /restart-manager/)
    assert.deepEqual(await delays(), [])
  })

  it('is delayed in place while a service takes its time', async () => {
    const slow = 'trap "sleep 1; exit 0" TERM; sleep infinity & wait'
    await install({ 'rm-delays-slow.service': shellService(slow, 'KillMode=mixed') })
    await output('systemctl', 'start', 'rm-delays-slow')
    await using session = await startSession()
    await session.register({ services: ['rm-delays-slow'] })
    const restarting = session.restartInPlace()
    await until('it stops', async () => (await property('rm-delays-slow', 'ActiveState')) === 'deactivating')
    assert.deepEqual(await delays(), ['0 delay shutdown'])
    await restarting
    assert.deepEqual(await delays(), [])
    await output('systemctl', 'kill', '--signal=KILL', 'rm-delays-slow')
  })

  it('is not delayed any longer where the primary was killed', async () => {
    const [command = '', ...args] = program('stops-and-waits', service)
    const primary = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(createInterface({ input: primary.stdout }), 'line')
    assert.deepEqual(await delays(), ['0 delay shutdown'])
    primary.kill('SIGKILL')
    await once(primary, 'exit')
    await until('the delay has gone', async () => (await delays()).length === 0)
    await recover()
    assert.equal(await property(service, 'ActiveState'), 'active')
    assert.deepEqual(await delays(), [])
  })

  it('is not delayed by somebody who affects nothing', async () => {
    const answer = await restartctl(['run', '/run/rm-nobody-uses-it', '--yes', '--json', '--', 'true'])
    assert.equal(jsonLines(answer).at(-1)?.['error'], null)
    assert.deepEqual(await delays(), [])
  })

  it('does not count those who hold the delay among the users of what they run', async () => {
    await using session = await startSession()
    await session.register({ files: ['/usr/bin/systemd-inhibit', '/usr/bin/cat'], services: [service] })
    const { applications } = await session.shutdown()
    assert.deepEqual(
      applications.map(({ application, outcome }) => [application.name, outcome]),
      [[service, 'stopped']],
    )
    await session.restart()
  })
})
