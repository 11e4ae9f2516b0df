import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { createSystemd, type ServiceManager } from '../../../src/services/index.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, shellService, untilState } from './units.ts'

const limits = { timeoutMs: 10_000, giveBack: [] }
const go = '/run/rm-words-go'
const endless = '[Service]\nExecStart=/bin/sleep infinity\n'

const units = {
  'rm-words-old.service': shellService(`test -e ${go} || exit 5; echo works; exec sleep infinity`, 'Type=exec'),
  'rm-words-loops.service': shellService('exit 0', 'Restart=always', 'RestartSec=100ms'),
  'rm-words-condition.service': `[Unit]\nConditionPathExists=!/run\nConditionPathExists=/\n${endless}`,
  // What is wanted by something that is up stays loaded.
  'rm-words-keeps.service': `[Unit]\nWants=rm-words-condition.service\n${endless}`,
  'rm-words-gone-condition.service': `[Unit]\nConditionPathExists=!/run\n${endless}`,
  'rm-words-assert.service': `[Unit]\nAssertPathExists=/nowhere\n${endless}`,
  'rm-words-needs.service': `[Unit]\nRequires=rm-words-middle.service\nAfter=rm-words-middle.service\n${endless}`,
  'rm-words-middle.service': `[Unit]\nRequires=rm-words-root.service\nAfter=rm-words-root.service\n${endless}`,
  'rm-words-root.service': shellService('echo the-root-of-it; exit 4', 'Type=oneshot'),
  'rm-words-needs-masked.service': `[Unit]\nRequires=rm-words-masked.service\n${endless}`,
  'rm-words-masked.service': endless,
  'rm-words-endless.service': shellService(
    'trap "" TERM; systemd-notify --ready; while :; do sleep 1; done',
    'Type=notify',
    'NotifyAccess=all',
    'TimeoutStopSec=infinity',
  ),
}

describe('what is said of services that do not do as they are told', { skip: outsideMachine }, () => {
  let manager: ServiceManager

  before(async () => {
    await install(units)
    manager = createSystemd('system')
  })
  after(async () => {
    await manager.close()
    await output('systemctl', 'unmask', 'rm-words-masked')
    rmSync(go, { force: true })
  })
  const start = async (name: string) => {
    const { message, journal } = await manager.start(name, limits)
    return { message: message ?? '', journal: journal.join('\n') }
  }

  it('is what their journal says since then, and not before', async () => {
    writeFileSync(go, '')
    await output('systemctl', 'start', 'rm-words-old')
    await output('systemctl', 'stop', 'rm-words-old')
    rmSync(go)
    const { journal } = await start('rm-words-old')
    assert.match(journal, /status=5/)
    assert.doesNotMatch(journal, /works|Stopped/)
  })

  it('is that systemd starts one again and again, and whether it has given up', async () => {
    const { message } = await start('rm-words-loops')
    assert.match(message, /it ended at once|too often/)
    assert.match(message, /systemd (is about to start|has started) it again by itself/)
    assert.doesNotMatch(message, /now active/)
    await untilState('rm-words-loops', 'failed')
  })

  it('is which condition does not hold', async () => {
    await output('systemctl', 'start', 'rm-words-keeps')
    assert.match(
      (await start('rm-words-condition')).message,
      /: a condition of its unit does not hold \(ConditionPathExists=!\/run\); it is now inactive/,
    )
    assert.match(
      (await start('rm-words-gone-condition')).message,
      /: it ended at once, or a condition of its unit does not hold \(ConditionPathExists=!\/run\); it is now/,
    )
    await output('systemctl', 'stop', 'rm-words-keeps')
  })

  it('is which assertion does not hold', async () => {
    assert.match(
      (await start('rm-words-assert')).message,
      /an assertion of its unit does not hold \(AssertPathExists=\/nowhere\)/,
    )
  })

  it('is what has failed of all that it needs, why, and what to type for that one', async () => {
    const { message, journal } = await start('rm-words-needs')
    assert.equal(
      message,
      'Cannot start rm-words-needs.service: something it depends on did not start: rm-words-root.service is failed, as its main process ended with exit status 4 (Result=exit-code); to try that one: systemctl start rm-words-root.service; it is now inactive; to try again: systemctl start rm-words-needs.service',
    )
    assert.match(journal, /the-root-of-it/)
  })

  it('is what systemd says, as part of a sentence', async () => {
    await output('systemctl', 'mask', 'rm-words-masked')
    assert.match((await start('rm-words-needs-masked')).message, /rm-words-masked.service is masked$/)
  })

  it('is that a stop goes on for ever', async () => {
    await output('systemctl', 'start', 'rm-words-endless')
    const { message } = await manager.stop('rm-words-endless', { timeoutMs: 300, force: false, hold: [] })
    assert.match(
      message ?? '',
      /did not stop within 0.3 s; systemd goes on with the stop, as long as it takes \(TimeoutStopSec=infinity\)$/,
    )
    assert.equal(await property('rm-words-endless', 'ActiveState'), 'deactivating')
    await manager.stop('rm-words-endless', { timeoutMs: 100, force: true, hold: [] })
  })
})
