import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { startSession, type PrimarySession } from '../../../src/index.ts'
import { restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property } from './units.ts'

const policy = '/etc/restart-manager/policy.toml'
const endless = '[Service]\nExecStart=/bin/sleep infinity\n'

describe('services that a filter or a rule means', { skip: outsideMachine }, () => {
  let session: PrimarySession

  before(async () => {
    mkdirSync('/etc/restart-manager', { recursive: true })
    await install(
      {
        'rm-kept.service': endless,
        'rm-above.service': endless,
        'rm-needs@.service': `[Unit]\nRequires=rm-above.service\nAfter=rm-above.service\n${endless}`,
      },
      { 'rm-kept-alias.service': 'rm-kept.service' },
    )
  })
  beforeEach(async () => {
    await output('systemctl', 'start', 'rm-kept', 'rm-above', 'rm-needs@1', 'rm-needs@2')
    session = await startSession()
  })
  afterEach(async () => {
    await session.end().catch(() => undefined)
    rmSync(policy, { force: true })
  })
  after(async () => {
    rmSync('/etc/restart-manager', { recursive: true, force: true })
    await output('systemctl', 'stop', 'rm-kept', 'rm-above')
  })

  async function filter(...args: string[]): Promise<void> {
    const { status, stderr } = await restartctl(['filter', ...args, '--session', session.key])
    assert.equal(status, 0, stderr)
  }
  const state = (unit: string) => property(unit, 'ActiveState')

  it('are left running where a filter says so by an alias, until it is removed by its name', async () => {
    await session.register({ services: ['rm-kept'] })
    const before = await property('rm-kept', 'MainPID')
    await filter('add', 'no-shutdown', '--service', 'rm-kept-alias')
    await session.shutdown()
    assert.equal(await property('rm-kept', 'MainPID'), before)
    await filter('remove', '--service', 'rm-kept-alias.service')
    await session.shutdown()
    assert.equal(await state('rm-kept'), 'inactive')
    await session.restart()
    assert.equal(await state('rm-kept'), 'active')
  })

  it('stay down where a filter says so by an alias', async () => {
    await session.register({ services: ['rm-kept-alias'] })
    await filter('add', 'no-restart', '--service', 'rm-kept-alias')
    await session.shutdown()
    await session.restart()
    assert.equal(await state('rm-kept'), 'inactive')
  })

  it('are left running by the program that their main process runs', async () => {
    await session.register({ services: ['rm-kept'] })
    await filter('add', 'no-shutdown', '--executable', '/bin/sleep')
    await session.shutdown()
    assert.equal(await state('rm-kept'), 'active')
  })

  it('keep what they need running, too', async () => {
    writeFileSync(policy, '[[rule]]\nservices = ["rm-needs@[1]"]\naction = "no-shutdown"\n')
    await session.register({ services: ['rm-above'] })
    const { applications } = await session.shutdown()
    assert.deepEqual(applications.map(({ application, outcome }) => [application.service, outcome]).sort(), [
      ['rm-above.service', 'shutdown-masked'],
      ['rm-needs@1.service', 'shutdown-masked'],
      ['rm-needs@2.service', 'stopped'],
    ])
    assert.deepEqual(await Promise.all(['rm-above', 'rm-needs@1', 'rm-needs@2'].map(state)), [
      'active',
      'active',
      'inactive',
    ])
    await session.restart()
    assert.equal(await state('rm-needs@2'), 'active')
  })

  it('stop nothing at all where what goes down with them is critical', async () => {
    writeFileSync(policy, '[[rule]]\nservices = ["rm-needs@2"]\naction = "critical"\nwhy = "ours"\n')
    await session.register({ services: ['rm-above'] })
    await assert.rejects(session.shutdown(), {
      code: 'REBOOT_REQUIRED',
      message: /rm-needs@2 \(process \d+, goes down with rm-above\): ours \(\/etc\/restart-manager\/policy\.toml:1\)$/,
    })
    assert.equal(await state('rm-needs@1'), 'active')
  })
})
