import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { after, before, beforeEach, describe, it } from 'node:test'
import { startSession } from '../../../src/index.ts'
import { program, restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, shellService, until } from './units.ts'

const socket = '/run/rm-woken.sock'
const ran = '/run/rm-often-ran'

const units = {
  'rm-woken.service': '[Service]\nExecStart=/bin/sleep infinity\n',
  'rm-woken.socket': `[Socket]\nListenStream=${socket}\n`,
  'rm-often.service': `[Unit]\nStartLimitIntervalSec=0\n${shellService(`echo ran >>${ran}`)}`,
  'rm-often.timer': '[Timer]\nOnActiveSec=100ms\nOnUnitInactiveSec=100ms\nAccuracySec=1ms\n',
  'rm-woken-deaf.service': shellService(
    'trap "" TERM; systemd-notify --ready; while :; do sleep 1; done',
    'Type=notify',
    'NotifyAccess=all',
  ),
}

describe('services that are down while something that would start them is up', { skip: outsideMachine }, () => {
  before(async () => {
    await install(units)
  })
  beforeEach(async () => {
    await output('systemctl', 'stop', 'rm-woken.socket', 'rm-woken')
    await output('systemctl', 'start', 'rm-woken.socket')
  })
  after(async () => {
    await output('systemctl', 'stop', 'rm-woken.socket', 'rm-woken', 'rm-often.timer', 'rm-often')
    rmSync(ran, { force: true })
  })

  const states = async () => [
    await property('rm-woken.socket', 'ActiveState'),
    await property('rm-woken.service', 'ActiveState'),
  ]
  const asBefore = ['active', 'inactive']
  const bothDown = ['inactive', 'inactive']

  it('are in the list, with what would start them', async () => {
    await using session = await startSession()
    await session.register({ services: ['rm-woken'] })
    const { applications } = await session.list()
    assert.deepEqual(
      applications.map(({ name, service, down, held, processes }) => ({ name, service, down, held, processes })),
      [{ name: 'rm-woken.socket', service: 'rm-woken.service', down: true, held: ['rm-woken.socket'], processes: [] }],
    )
    const { stdout } = await restartctl(['list', '--service', 'rm-woken'])
    assert.match(stdout, /rm-woken.socket +service +- .*would start rm-woken.service, which is down/)
  })

  it('are not woken, and are down again afterwards', async () => {
    await using session = await startSession()
    await session.register({ services: ['rm-woken'] })
    await session.shutdown()
    assert.deepEqual(await states(), bothDown)
    await assert.rejects(connected(), /ECONNREFUSED|ENOENT/)
    assert.deepEqual((await session.list()).applications[0]?.status, ['running', 'stopped'])
    const { applications, remaining } = await session.restart()
    assert.deepEqual([applications.map(({ outcome }) => outcome), remaining], [['restarted'], []])
    assert.deepEqual(await states(), asBefore)
    assert.deepEqual((await session.restartInPlace()).applications, [], 'nothing of them is old')
    await connected()
    await until('it is up', async () => (await states())[1] === 'active')
  })

  it('are as before where COMMAND fails', async () => {
    const show = 'systemctl is-active rm-woken.socket rm-woken.service; exit 7'
    const { status, stdout, stderr } = await restartctl([
      ...['run', '--service', 'rm-woken', '--yes', '--', 'sh', '-c', show],
    ])
    assert.equal(status, 7, stderr)
    assert.deepEqual(stdout.trim().split('\n'), bothDown)
    assert.match(stderr, /Stopped: rm-woken.socket[^]*Started: rm-woken.socket/)
    assert.deepEqual(await states(), asBefore)
  })

  it('are as before where the shutdown is undone', async () => {
    await output('systemctl', 'start', 'rm-woken-deaf')
    await using session = await startSession()
    await session.register({ services: ['rm-woken', 'rm-woken-deaf'] })
    await assert.rejects(session.shutdown({ timeouts: { serviceMs: 500 } }), (error: Error) => {
      assert.match(
        error.message,
        /rm-woken-deaf: .*did not stop within 0.5 s; systemd goes on with the stop, and kills/,
      )
      assert.match(error.message, /started again: rm-woken.socket/)
      assert.match(error.message, /will be started when it has stopped: rm-woken-deaf/)
      return true
    })
    assert.deepEqual(await states(), asBefore)
    await output('systemctl', 'kill', '--signal', 'KILL', 'rm-woken-deaf')
    await session.restart().catch(() => undefined)
    await output('systemctl', 'kill', '--signal', 'KILL', 'rm-woken-deaf')
    await output('systemctl', 'stop', 'rm-woken-deaf')
  })

  it('are as before where the installer is killed, and recover is called', async () => {
    const [command = '', ...args] = program('stops-and-waits', 'rm-woken')
    const primary = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(createInterface({ input: primary.stdout }), 'line')
    primary.kill('SIGKILL')
    await once(primary, 'exit')
    assert.deepEqual(await states(), bothDown)
    const { status, stderr } = await restartctl(['recover'])
    assert.equal(status, 0, stderr)
    assert.deepEqual(await states(), asBefore)
  })

  it('are not run by their timers', async () => {
    await output('systemctl', 'start', 'rm-often.timer')
    await until('it has run', () => runs() > 1)
    const count = `wc -l <${ran}; sleep 1; wc -l <${ran}`
    const { status, stdout, stderr } = await restartctl([
      ...['run', '--service', 'rm-often', '--yes', '--', 'sh', '-c', count],
    ])
    assert.equal(status, 0, stderr)
    const [first, second] = stdout.trim().split('\n')
    assert.equal(second, first, 'the timer would have run it ten times')
    const before = runs()
    await until('it runs again', () => runs() > before)
  })

  function runs(): number {
    try {
      return readFileSync(ran, 'utf8').split('\n').length
    } catch {
      return 0
    }
  }
})

async function connected(): Promise<void> {
  const client = connect(socket)
  await once(client, 'connect')
  client.destroy()
}
