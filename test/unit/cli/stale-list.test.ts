import assert from 'node:assert/strict'
import { it } from 'node:test'
import { showStaleList } from '../../../src/cli/output/stale-list.ts'
import type { Terminal } from '../../../src/cli/terminal.ts'
import type { AffectedApplication, AffectedList } from '../../../src/model/index.ts'

const terminal: Pick<Terminal, 'style'> = { style: (_stream, _style, text) => text }

function application(pid: number, name: string, more: Partial<AffectedApplication> = {}): AffectedApplication {
  const process = { pid, startTime: 1n }
  return {
    process,
    processes: [process],
    name,
    executable: null,
    command: [],
    user: { uid: 0, name: 'root' },
    type: 'unknown',
    service: null,
    serviceManager: null,
    session: null,
    startedAt: '2026-11-22T00:00:00.000Z',
    status: ['running'],
    restartable: true,
    notRestartable: null,
    critical: null,
    rebootReason: null,
    overridable: false,
    rule: null,
    cure: null,
    dependents: [],
    held: [],
    uses: [{ path: '/usr/lib/libx.so', as: 'mapped', replaced: true, process }],
    ...more,
  }
}

function show(...applications: AffectedApplication[]): string[] {
  const list: AffectedList = { applications, rebootReasons: [], uninspected: [], heldByUnknown: [], unreadable: [] }
  return showStaleList(list, terminal as Terminal).split('\n')
}

it('says for each what to type, once', () => {
  const anna = { user: { uid: 1000, name: 'anna' } }
  const systemd = { serviceManager: 'systemd' }
  const lines = show(
    application(1, 'systemd', { cure: 'by-hand', critical: 'it is the first process of this machine' }),
    application(20, 'nginx', { ...systemd, service: 'nginx.service' }),
    application(21, 'cron', { ...systemd, service: 'cron.service' }),
    application(22, 'dbus', {
      ...systemd,
      service: 'dbus.service',
      cure: 'soft-reboot',
      critical: 'everything depends on it',
    }),
    application(27, 'home', { ...systemd, service: 'home.service', cure: 'reboot', critical: 'a disk' }),
    application(28, 'docker', { ...systemd, service: 'docker.service', cure: 'by-hand', critical: 'containers' }),
    application(29, 'theirs', { ...anna, cure: 'by-hand', rebootReason: 'permission-denied', critical: 'only root' }),
    application(23, 'sync', { ...anna, service: 'sync.service', serviceManager: 'systemd --user (1000)' }),
    application(24, 'bash', { ...anna, session: '3', cure: 'log-out', critical: 'somebody is logged in' }),
    application(25, 'editor', { ...anna, session: '3', cure: 'by-hand' }),
    application(26, 'daemon', { cure: 'by-hand' }),
    application(30, 'registered', { session: '4' }),
  )
  assert.deepEqual(lines.slice(lines.indexOf('') + 1), [
    'Restart: systemctl restart nginx.service cron.service',
    'Restart, as its user: systemctl --user restart sync.service',
    'Restart systemd itself: systemctl daemon-reexec',
    'Look again as root, who may restart: theirs (process 29)',
    'Start again by hand: docker.service, daemon (process 26), registered (process 30)',
    'Log out and in again: anna',
    'Restart all of user space: systemctl soft-reboot, for dbus.service',
    'Reboot: systemctl reboot, for home.service',
  ])
})

it('says that nothing is stale', () => {
  assert.deepEqual(show(), ['Nothing uses programs, libraries or scripts that have been replaced or removed'])
})
