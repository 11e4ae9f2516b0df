import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { startSession } from '../../../src/index.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property } from './units.ts'

const file = '/run/rm-first.dat'
const endless = '[Service]\nExecStart=/bin/sleep infinity\n'
const holding = `[Service]\nExecStart=/bin/sh -c 'exec 3<${file}; exec sleep infinity'\n`

const units = {
  'rm-first.service': holding,
  'rm-requires.service': `[Unit]\nRequires=rm-first.service\nAfter=rm-first.service\n${endless}`,
  'rm-binds.service': `[Unit]\nBindsTo=rm-requires.service\nAfter=rm-requires.service\n${endless}`,
  'rm-part.service': `[Unit]\nPartOf=rm-first.service\nAfter=rm-first.service\n${endless}`,
  'rm-down.service': `[Unit]\nRequires=rm-first.service\nAfter=rm-first.service\n${endless}`,
  'rm-beside.service': `[Unit]\nWants=rm-first.service\n${endless}`,
}
const goDown = ['rm-binds', 'rm-first', 'rm-part', 'rm-requires']

/** What src does not do yet. */

describe('services that go down with another', { skip: outsideMachine }, () => {
  before(async () => {
    writeFileSync(file, 'old')
    await install(units)
    await output('systemctl', 'start', ...goDown, 'rm-beside')
  })

  it('are listed, stopped and started with it, though they do not use the file', async () => {
    const beside = await property('rm-beside', 'MainPID')
    await using session = await startSession()
    await session.register({ files: [file] })
    const { applications, rebootReasons } = await session.list()
    assert.deepEqual(rebootReasons, [])
    assert.deepEqual(applications.map(({ name }) => name).sort(), goDown)
    for (const { name, uses } of applications) {
      assert.deepEqual(
        uses.map(({ path, as }) => [path, as]),
        name === 'rm-first' ? [[file, 'open']] : [],
      )
    }

    const stopped = await session.shutdown()
    assert.deepEqual(
      outcomes(stopped),
      goDown.map((name) => [name, 'stopped']),
    )
    for (const name of goDown) assert.equal(await property(name, 'ActiveState'), 'inactive', name)

    const started = await session.restart()
    assert.deepEqual(
      outcomes(started),
      goDown.map((name) => [name, 'restarted']),
    )
    for (const name of goDown) assert.equal(await property(name, 'ActiveState'), 'active', name)
    assert.equal(await property('rm-down', 'ActiveState'), 'inactive', 'it was down before')
    assert.equal(await property('rm-beside', 'MainPID'), beside, 'it only wants the other one')
  })

  it('come back, but for the one that a filter tells to stay down', async () => {
    await using session = await startSession()
    await session.register({ files: [file] })
    await session.filters.add({ service: 'rm-binds' }, 'no-restart')
    await session.shutdown()
    const started = await session.restart()
    assert.deepEqual(Object.fromEntries(outcomes(started)), {
      'rm-binds': 'restart-masked',
      'rm-first': 'restarted',
      'rm-part': 'restarted',
      'rm-requires': 'restarted',
    })
    assert.equal(await property('rm-binds', 'ActiveState'), 'inactive')
    await output('systemctl', 'start', 'rm-binds')
  })

  it('are critical for the one they depend on', async () => {
    const dependent = `[Unit]\nRequires=rm-first.service\nAfter=rm-first.service\n${endless}`
    await install({ 'wg-quick@rm.service': dependent })
    await output('systemctl', 'start', 'wg-quick@rm')
    await using session = await startSession()
    await session.register({ files: [file] })
    const pid = await property('rm-first', 'MainPID')
    assert.deepEqual((await session.list()).rebootReasons, ['critical-service'])
    await assert.rejects(session.shutdown(), { code: 'REBOOT_REQUIRED' })
    assert.equal(await property('rm-first', 'MainPID'), pid)
    await output('systemctl', 'stop', 'wg-quick@rm')
  })

  it('stay up where a filter spares them', async () => {
    await using session = await startSession()
    await session.register({ files: [file] })
    await session.filters.add({ service: 'rm-part' }, 'no-shutdown')
    const pid = await property('rm-part', 'MainPID')
    await session.shutdown().catch(() => undefined)
    await session.restart().catch(() => undefined)
    assert.equal(await property('rm-part', 'MainPID'), pid, 'spared by a no-shutdown filter')
  })

  it('stay up where a filter spares them by an alias', async () => {
    await install({}, { 'rm-other-name.service': 'rm-first.service' })
    await using session = await startSession()
    await session.register({ files: [file] })
    await session.filters.add({ service: 'rm-other-name' }, 'no-shutdown')
    const pid = await property('rm-first', 'MainPID')
    const { applications } = await session.shutdown()
    assert.equal(applications.find(({ application }) => application.name === 'rm-first')?.outcome, 'shutdown-masked')
    assert.equal(await property('rm-first', 'MainPID'), pid)
    await session.restart()
  })
})

function outcomes({
  applications,
}: {
  applications: { application: { name: string }; outcome: string }[]
}): string[][] {
  return applications.map(({ application, outcome }) => [application.name, outcome]).sort()
}
