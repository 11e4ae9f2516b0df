import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { explainCritical, remedies, whyAffected } from '../../../src/affected/index.ts'
import type { AffectedApplication, RebootReason } from '../../../src/model/index.ts'
import { anApplication } from '../../fixtures/store-folder.ts'

function critical(name: string, reason: RebootReason, more: Partial<AffectedApplication>): AffectedApplication {
  return { ...anApplication(name), critical: 'it is so', rebootReason: reason, ...more }
}

describe('Why a reboot would be needed', () => {
  const web = { ...anApplication('web'), service: 'web.service', dependents: ['shop.service'] }
  const shop = critical('shop', 'critical-service', { service: 'shop.service', uses: [] })

  it('names the application, its process, the file or what leads there, and the reason', () => {
    const { pid } = anApplication('x').process
    const one = critical('x', 'critical-process', {})
    assert.deepEqual(explainCritical([one]), [`x (process ${pid}, uses /usr/lib/x.so (mapped)): it is so`])
    assert.equal(whyAffected(shop, [web, shop]), 'goes down with web')
    assert.equal(whyAffected(shop, [shop]), 'registered itself')
    const idle = { ...shop, process: { pid: 0, startTime: 0n } }
    assert.deepEqual(explainCritical([web, idle]), ['shop (goes down with web): it is so'])
  })

  it('has one line for each reason, however many have it', () => {
    const some = Array.from({ length: 40 }, (_, index) => critical(`x${index}`, 'critical-process', {}))
    const other = critical('y', 'critical-process', { critical: 'it is different' })
    const lines = explainCritical([...some, other])
    assert.equal(lines.length, 2)
    assert.match(lines[0] ?? '', /^x0 \(.*\): it is so \(and 39 more\)$/)
    assert.match(lines[1] ?? '', /^y \(.*\): it is different$/)
    assert.ok(remedies(some).includes('restart x0, x1, x2, x3, x4 and 35 more by hand afterwards'))
  })

  it('comes with what helps: each way once, with those whom it helps', () => {
    assert.deepEqual(remedies([web]), [])
    assert.deepEqual(
      remedies([
        web,
        critical('Xorg', 'critical-process', { cure: 'log-out', overridable: true }),
        critical('gdm', 'critical-service', { cure: 'log-out', overridable: true }),
        critical('dbus', 'critical-service', { cure: 'soft-reboot', overridable: true }),
        critical('other', 'permission-denied', { cure: 'by-hand' }),
        critical('bash', 'detected-self', { cure: 'log-out' }),
        critical('shop', 'critical-service', { cure: 'by-hand' }),
      ]),
      [
        'run it as root, who may stop other',
        'run it where it does not end with bash: systemd-run restartctl ...',
        'end the session of Xorg, gdm (loginctl list-sessions)',
        'restart all of user space for dbus (systemctl soft-reboot)',
        'restart shop by hand afterwards',
        'or allow it for Xorg, gdm, dbus: action = "ordinary" in /etc/restart-manager/policy.toml',
        'or change the files while they run: restartctl run --in-place ...',
      ],
    )
  })
})
