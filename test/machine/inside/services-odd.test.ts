import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { startSession } from '../../../src/index.ts'
import { createSystemd, type Service, type ServiceManager } from '../../../src/services/index.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, shellService, until, untilExists, untilState } from './units.ts'

const file = '/run/rm-odd.dat'
const none = { hold: [], giveBack: [] }
const limits = { timeoutMs: 10_000, force: false, ...none }
const done = { result: 'done', forced: false, message: null, journal: [], left: [] }

const units = {
  'rm-odd@.service': shellService(`exec 9<${file}; exec sleep infinity`),
  'rm-odd-plain.service': shellService('sleep infinity'),
  'rm-odd-job.service': '[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n',
  'rm-odd-remains.service':
    '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c "echo up >>/run/rm-odd-remains"\n',
  'rm-odd-child.service': shellService(
    `(exec 9<${file}; exec sleep infinity) & echo $! >/run/rm-odd-child; exec sleep infinity`,
    'KillMode=process',
  ),
  'rm-odd-fails.service': shellService(`exec 9<${file}; exit 3`, 'Type=exec'),
  'rm-odd-loops.service': shellService('exit 3', 'Restart=always', 'RestartSec=1h'),
  'rm-odd-prepares.service':
    '[Service]\nExecStartPre=/bin/sh -c "until test -e /run/rm-odd-go; do sleep 0.05; done; touch /run/rm-odd-prepared"\nExecStart=/bin/sleep infinity\n',
  'rm-odd-ends.service':
    '[Service]\nExecStart=/bin/sleep infinity\nExecStop=/bin/sh -c "until test -e /run/rm-odd-go; do sleep 0.05; done"\n',
  'rm-odd-each@.service': shellService('sleep infinity', 'StandardInput=socket'),
  'rm-odd-each.socket': '[Socket]\nListenStream=/run/rm-odd-each.sock\nAccept=yes\n',
  'rm-odd-pre-fails.service': '[Service]\nExecStartPre=/bin/false\nExecStart=/bin/sleep infinity\n',
}

describe('services that are not simply up or down', { skip: outsideMachine }, () => {
  let manager: ServiceManager

  before(async () => {
    writeFileSync(file, 'old')
    await install(units, { 'rm-odd-alias.service': 'rm-odd-plain.service' })
    manager = createSystemd('system')
  })
  after(async () => {
    writeFileSync('/run/rm-odd-go', '')
    await manager.close()
    await output('systemctl', 'stop', 'rm-odd*.service', 'rm-odd*.socket')
  })

  async function described(name: string): Promise<Service> {
    const service = await manager.describe(name)
    assert.ok(service)
    return service
  }

  it('are instances of a template, each for itself', async () => {
    await output('systemctl', 'start', 'rm-odd@a', 'rm-odd@b', 'rm-odd-plain')
    await using session = await startSession()
    await session.register({ files: [file] })
    const { applications } = await session.shutdown()
    assert.deepEqual(applications.map(({ application }) => application.service).sort(), [
      'rm-odd@a.service',
      'rm-odd@b.service',
    ])
    await session.restart()
    for (const name of ['rm-odd@a', 'rm-odd@b']) assert.equal(await property(name, 'ActiveState'), 'active')
    assert.equal(await property('rm-odd@c', 'ActiveState'), 'inactive')
    await output('systemctl', 'stop', 'rm-odd@a', 'rm-odd@b')
  })

  it('are one application by whatever of their names they were registered', async () => {
    await using session = await startSession()
    await session.register({ services: ['rm-odd-alias', 'rm-odd-plain', 'rm-odd-plain.service'] })
    const { applications } = await session.list()
    assert.deepEqual(
      applications.map(({ service }) => service),
      ['rm-odd-plain.service'],
    )
  })

  it('are in the middle of a job, which is not cut off', async () => {
    await output('systemctl', 'start', '--no-block', 'rm-odd-job')
    await untilState('rm-odd-job', 'activating')
    const pid = await property('rm-odd-job', 'MainPID')
    assert.match((await described('rm-odd-job')).notStoppable ?? '', /in the middle of its job \(Type=oneshot\)/)
    for (const outcome of [
      await manager.stop('rm-odd-job', { ...limits, force: true }),
      await manager.restart('rm-odd-job', limits),
    ]) {
      assert.equal(outcome.result, 'failed')
      assert.match(outcome.message ?? '', /in the middle of its job.*systemctl status rm-odd-job.service$/)
    }
    await using session = await startSession()
    await session.register({ services: ['rm-odd-job'] })
    await assert.rejects(session.shutdown({ force: true }), { code: 'REBOOT_REQUIRED' })
    assert.equal(await property('rm-odd-job', 'MainPID'), pid)
  })

  it('have done their job and count as up', async () => {
    await output('systemctl', 'start', 'rm-odd-remains')
    assert.deepEqual(await manager.stop('rm-odd-remains', limits), done)
    assert.deepEqual(await manager.start('rm-odd-remains', limits), done)
    assert.deepEqual(await manager.restart('rm-odd-remains', limits), done)
    assert.equal(readFileSync('/run/rm-odd-remains', 'utf8'), 'up\n'.repeat(3))
    assert.equal(await property('rm-odd-remains', 'SubState'), 'exited')
  })

  it('are transient: stopped for good, but restarted in one job', async () => {
    await output('systemd-run', '--unit', 'rm-odd-run', 'sleep', 'infinity')
    const pid = await property('rm-odd-run', 'MainPID')
    assert.match((await described('rm-odd-run')).notStartable ?? '', /transient/)
    assert.deepEqual(await manager.restart('rm-odd-run', limits), done)
    assert.notEqual(await property('rm-odd-run', 'MainPID'), pid)
    assert.equal(await property('rm-odd-run', 'ActiveState'), 'active')
    await manager.stop('rm-odd-run', limits)
  })

  it('are no services but programs in a scope', async () => {
    const scope = 'rm-odd-scope.scope'
    await output(
      'systemd-run',
      '--scope',
      `--unit=${scope}`,
      'sh',
      '-c',
      `(exec 9<${file}; exec sleep infinity) >/dev/null 2>&1 &`,
    )
    assert.equal(await manager.describe(scope), null)
    const group = `/sys/fs/cgroup${await property(scope, 'ControlGroup')}/cgroup.procs`
    const pid = Number(
      readFileSync(existsSync(group) ? group : group.replace('cgroup/', 'cgroup/unified/'), 'utf8').trim(),
    )
    await using session = await startSession()
    await session.register({ files: [file] })
    const { applications } = await session.list()
    assert.deepEqual(
      applications.map(({ service, process }) => [service, process.pid]),
      [[null, pid]],
    )
    await output('systemctl', 'stop', scope)
  })

  it('leave processes behind, which are named and found', async () => {
    rmSync('/run/rm-odd-child', { force: true })
    await output('systemctl', 'start', 'rm-odd-child')
    const child = await childOf('/run/rm-odd-child')
    assert.deepEqual(await manager.stop('rm-odd-child', limits), { ...done, left: [child], leftBy: 'KillMode=process' })
    process.kill(child)
    await until('it is gone', () => !existsSync(`/proc/${child}`))
    rmSync('/run/rm-odd-child', { force: true })
    await output('systemctl', 'start', 'rm-odd-child')
    const second = await childOf('/run/rm-odd-child')
    await using session = await startSession()
    await session.register({ files: [file] })
    await assert.rejects(session.shutdown(), (error: { code: string; message: string }) => {
      assert.equal(error.code, 'FAIL_SHUTDOWN')
      assert.match(error.message, /rm-odd.dat/)
      return true
    })
    assert.equal(await property('rm-odd-child', 'ActiveState'), 'active', 'started again')
    await output('systemctl', 'stop', 'rm-odd-child')
    for (const pid of [second, await childOf('/run/rm-odd-child')]) process.kill(pid)
  })

  it('have failed, and are left as failed', async () => {
    await output('systemctl', 'start', 'rm-odd-fails').catch(() => undefined)
    await untilState('rm-odd-fails', 'failed')
    await using session = await startSession()
    await session.register({ services: ['rm-odd-fails'] })
    assert.deepEqual((await session.shutdown()).applications, [])
    assert.deepEqual((await session.restart()).applications, [])
    assert.equal(await property('rm-odd-fails', 'ActiveState'), 'failed')
    assert.deepEqual(await manager.restart('rm-odd-fails', limits), done)
    assert.equal(await property('rm-odd-fails', 'ActiveState'), 'failed')
  })

  it('wait to be started again, and do so again afterwards', async () => {
    await output('systemctl', 'start', 'rm-odd-loops')
    await until('it has ended', async () => (await property('rm-odd-loops', 'SubState')) === 'auto-restart')
    assert.deepEqual(await manager.stop('rm-odd-loops', limits), done)
    const { result, message } = await manager.start('rm-odd-loops', limits)
    assert.equal(result, 'failed')
    assert.match(
      message ?? '',
      /its main process ended with exit status 3.*systemd is about to start it again by itself/,
    )
    assert.equal(await property('rm-odd-loops', 'SubState'), 'auto-restart')
  })

  it('are let finish what they prepare before they are stopped', async () => {
    rmSync('/run/rm-odd-go', { force: true })
    await output('systemctl', 'start', '--no-block', 'rm-odd-prepares')
    await untilState('rm-odd-prepares', 'activating')
    const stop = manager.stop('rm-odd-prepares', limits)
    writeFileSync('/run/rm-odd-go', '')
    assert.deepEqual(await stop, done)
    assert.ok(existsSync('/run/rm-odd-prepared'))
    rmSync('/run/rm-odd-go')
    await output('systemctl', 'start', '--no-block', 'rm-odd-prepares')
    await untilState('rm-odd-prepares', 'activating')
    assert.deepEqual(await manager.stop('rm-odd-prepares', { ...limits, timeoutMs: 1_000 }), done, 'half of the time')
  })

  it('are being stopped by somebody else, and stay down', async () => {
    rmSync('/run/rm-odd-go', { force: true })
    await output('systemctl', 'start', 'rm-odd-ends')
    await output('systemctl', 'stop', '--no-block', 'rm-odd-ends')
    await untilState('rm-odd-ends', 'deactivating')
    assert.equal((await described('rm-odd-ends')).notStartable, 'somebody else is stopping it')
    assert.deepEqual(await manager.restart('rm-odd-ends', limits), done)
    await using session = await startSession()
    await session.register({ services: ['rm-odd-ends'] })
    const stop = session.shutdown()
    writeFileSync('/run/rm-odd-go', '')
    await stop
    await session.restart()
    assert.equal(await property('rm-odd-ends', 'ActiveState'), 'inactive')
  })

  it('serve one connection', async () => {
    await output('systemctl', 'start', 'rm-odd-each.socket')
    const client = connect('/run/rm-odd-each.sock')
    await once(client, 'connect')
    const instance = async () =>
      (await output('systemctl', 'list-units', '--plain', '--no-legend', 'rm-odd-each@*')).split(' ')[0] ?? ''
    await until('it serves', async () => (await instance()) !== '')
    const { notStartable, held } = await described(await instance())
    assert.match(notStartable ?? '', /one connection of rm-odd-each.socket \(Accept=yes\)/)
    assert.deepEqual(held, ['rm-odd-each.socket'])
    client.destroy()
  })

  it('name the command that failed before the program could be started', async () => {
    const { message } = await manager.start('rm-odd-pre-fails', limits)
    assert.match(message ?? '', /ExecStartPre=\/bin\/false ended with exit status 1 \(Result=exit-code\)/)
  })
})

async function childOf(path: string): Promise<number> {
  await untilExists(path)
  await until('it is written', () => readFileSync(path, 'utf8').endsWith('\n'))
  return Number(readFileSync(path, 'utf8'))
}
