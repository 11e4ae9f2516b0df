import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { startSession } from '../../../src/index.ts'
import { createSystemd } from '../../../src/services/index.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, until, untilState } from './units.ts'

const name = 'org.example.RestartManager'
const policy = `/etc/dbus-1/system.d/${name}.conf`
const activation = `/usr/share/dbus-1/system-services/${name}.service`
const limits = { timeoutMs: 10_000, force: false, hold: [], giveBack: [] }
const done = { result: 'done', forced: false, message: null, journal: [], left: [] }

/** Takes the name on the bus, and answers every call with nothing. */
const program = `
  import { createClient } from ${JSON.stringify(import.meta.resolve('dbus-native'))}
  const client = createClient({ socket: '/run/dbus/system_bus_socket', authMethods: ['EXTERNAL'] })
  const invoke = (member, signature, body) => client.invoke({
    destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus', member, signature, body,
  })
  await invoke('RequestName', 'su', ['${name}', 4])
  setInterval(() => undefined, 1e6)
`

const units = {
  'rm-bus.service': `[Service]\nType=dbus\nBusName=${name}\nExecStart=${process.execPath} /run/rm-bus.mjs\n`,
  'rm-no-bus.service':
    "[Service]\nExecStart=/bin/sleep infinity\nExecStop=/bin/sh -c 'until test -e /run/rm-no-bus-go; do sleep 0.05; done'\n",
}

describe('services and the message bus', { skip: outsideMachine }, () => {
  before(async () => {
    mkdirSync('/usr/share/dbus-1/system-services', { recursive: true })
    writeFileSync('/run/rm-bus.mjs', program)
    writeFileSync(policy, `<busconfig><policy user="root"><allow own="${name}"/></policy></busconfig>\n`)
    writeFileSync(
      activation,
      `[D-BUS Service]\nName=${name}\nExec=/bin/false\nUser=root\nSystemdService=rm-bus.service\n`,
    )
    await install(units)
    await output('busctl', 'call', 'org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'ReloadConfig')
  })
  after(async () => {
    writeFileSync('/run/rm-no-bus-go', '')
    await output('systemctl', 'stop', ...Object.keys(units))
    for (const path of [policy, activation]) rmSync(path)
  })

  const wake = async () =>
    await output(
      'busctl',
      'call',
      'org.freedesktop.DBus',
      '/',
      'org.freedesktop.DBus',
      'StartServiceByName',
      'su',
      name,
      '0',
    )

  it('is started afresh where a message has woken it in the middle of the change', async () => {
    await output('systemctl', 'start', 'rm-bus')
    await using session = await startSession()
    await session.register({ services: ['rm-bus'] })
    await session.shutdown()
    await wake()
    const woken = await property('rm-bus', 'MainPID')
    assert.notEqual(woken, '0')
    const { applications } = await session.restart()
    const pid = await property('rm-bus', 'MainPID')
    assert.notEqual(pid, woken)
    assert.deepEqual(
      applications.map(({ outcome, application }) => [outcome, String(application.process.pid)]),
      [['restarted', pid]],
    )
  })

  it('may be started by the scripts of a package in the middle of the change', async () => {
    await using session = await startSession()
    await session.register({ services: ['rm-bus', 'rm-no-bus'] })
    await output('systemctl', 'start', 'rm-no-bus')
    writeFileSync('/run/rm-no-bus-go', '')
    await session.shutdown()
    await output('systemctl', 'restart', 'rm-bus', 'rm-no-bus')
    const pid = await property('rm-no-bus', 'MainPID')
    await session.restart()
    assert.equal(await property('rm-no-bus', 'MainPID'), pid, 'nothing wakes it but whoever means to')
    assert.equal(await property('rm-bus', 'ActiveState'), 'active')
  })

  it('loses nothing where the bus goes away in the middle', async () => {
    const manager = createSystemd('system', [{ direct: false, socket: '/run/dbus/system_bus_socket' }])
    const restartBus = async () => {
      await output('systemctl', 'restart', 'dbus.service')
      await until('the bus answers', async () => (await output('busctl', 'status').catch(() => '')) !== '')
    }
    await output('systemctl', 'start', 'rm-no-bus')
    for (const verb of ['restart', 'stop'] as const) {
      rmSync('/run/rm-no-bus-go', { force: true })
      const pid = await property('rm-no-bus', 'MainPID')
      const outcome = manager[verb]('rm-no-bus', limits)
      await untilState('rm-no-bus', 'deactivating')
      await restartBus()
      writeFileSync('/run/rm-no-bus-go', '')
      assert.deepEqual(await outcome, done)
      assert.notEqual(await property('rm-no-bus', 'MainPID'), pid)
      assert.equal(await property('rm-no-bus', 'ActiveState'), verb === 'stop' ? 'inactive' : 'active')
    }
    await manager.close()
  })
})
