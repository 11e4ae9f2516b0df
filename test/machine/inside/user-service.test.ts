import assert from 'node:assert/strict'
import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { listAffected, startSession } from '../../../src/index.ts'
import { execute, makeUser, program, restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, until, untilExists } from './units.ts'

const uid = 4714
const runtime = `/run/user/${uid}`
const file = '/home/rm-owner/data'
const environment = { XDG_RUNTIME_DIR: runtime }
const holding = `[Service]\nExecStart=/bin/sh -c 'exec 3<${file}; exec sleep infinity'\nRestart=always\nRestartSec=100ms\n`

describe('a user with a service of their own', { skip: outsideMachine }, () => {
  before(async () => {
    await makeUser('rm-owner', uid)
    writeFileSync(file, 'old')
    mkdirSync('/etc/systemd/user', { recursive: true })
    writeFileSync('/etc/systemd/user/rm-own.service', holding)
    await output('loginctl', 'enable-linger', 'rm-owner')
    await untilExists(`${runtime}/systemd/private`)
    await systemctl('start', 'rm-own')
    await until('it holds its file', async () => (await listAffected({ files: [file] })).applications.length > 0)
  })

  async function systemctl(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await execute(['systemctl', '--user', ...args], { uid, environment })
    assert.equal(status, 0, stderr)
    return stdout.trim()
  }
  const mainPid = async () => Number(await systemctl('show', '--property', 'MainPID', '--value', 'rm-own'))

  it('lists, stops and starts it in a session of their own', async () => {
    const before = await mainPid()
    const { status, stdout, stderr } = await execute(program('updates', file), { uid, environment })
    assert.equal(status, 0, stderr)
    const after = await mainPid()
    assert.notEqual(after, before)
    assert.deepEqual(JSON.parse(stdout), {
      rebootReasons: [],
      listed: [['rm-own.service', 'systemd --user', 'service', true, uid]],
      stopped: ['stopped'],
      between: [['running', 'stopped']],
      restarted: [['restarted', after]],
    })
  })

  it('does so with restartctl run', async () => {
    const before = await mainPid()
    const { status, stdout, stderr } = await restartctl(
      ['run', file, '--yes', '--', 'systemctl', '--user', 'is-active', 'rm-own'],
      { uid, environment },
    )
    assert.deepEqual([status, stdout], [3, 'inactive\n'], stderr)
    assert.notEqual(await mainPid(), before)
    assert.equal(await systemctl('is-active', 'rm-own'), 'active')
  })

  it('does not stop a service of the machine that uses the same file', async () => {
    await install({ 'rm-same-file.service': holding })
    await output('systemctl', 'start', 'rm-same-file')
    const own = await mainPid()
    const { status, stderr } = await restartctl(['run', file, '--service', 'rm-same-file', '--yes', '--', 'true'], {
      uid,
      environment,
    })
    assert.equal(status, 3, stderr)
    assert.equal(await mainPid(), own)
    assert.equal(await property('rm-same-file', 'ActiveState'), 'active')
    await output('systemctl', 'stop', 'rm-same-file')
  })

  it('finds it stopped and started as a service by a session of root, too', async () => {
    await using session = await startSession()
    await session.register({ files: [file] })
    const before = await mainPid()
    const { applications } = await session.list()
    assert.deepEqual(
      applications.map(({ service, type, process }) => [service, type, process.pid]),
      [['rm-own.service', 'service', before]],
    )
    await session.shutdown()
    assert.equal(await mainPid(), 0)
    await session.restart()
    assert.equal(await systemctl('is-active', 'rm-own'), 'active')
  })

  it('does not lead root to the services of the machine by a link', async () => {
    const socket = `${runtime}/systemd/private`
    await install({ 'rm-own.service': '[Service]\nExecStart=/bin/sleep infinity\n' })
    await output('systemctl', 'start', 'rm-own')
    renameSync(socket, `${socket}.real`)
    symlinkSync('/run/systemd/private', socket)
    try {
      await using session = await startSession()
      await session.register({ files: [file] })
      const [affected] = (await session.list()).applications
      assert.match(affected?.critical ?? '', /belongs to rm-own.service: .*Another service manager answers/)
      await assert.rejects(session.shutdown(), { code: 'REBOOT_REQUIRED' })
      assert.equal(await property('rm-own', 'ActiveState'), 'active')
    } finally {
      unlinkSync(socket)
      renameSync(`${socket}.real`, socket)
      await output('systemctl', 'stop', 'rm-own')
    }
  })
})
