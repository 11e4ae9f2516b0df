import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { criticalProcesses, criticalServices, type Caller, type Critical } from '../../../src/affected/critical.ts'
import type { AppliedRule, PolicyAction } from '../../../src/model/index.ts'
import type { ProcessFacts } from '../../../src/affected/process-facts.ts'
import { criticalProgram, criticalService, isDesktopShell } from '../../../src/policy/index.ts'
import type { Service } from '../../../src/services/service-manager.ts'

const installers = {
  needed: new Set([500, 400]),
  above: new Set([300]),
  sessions: new Set(['3']),
  managers: new Set(['systemd', 'systemd --user (1000)']),
}
const root: Caller = { uid: 0, installers, graphicalSession: null }
const user: Caller = { ...root, uid: 1000 }
const plain = { session: null, rule: null }
const ofSystem = { rule: null, manager: 'systemd' }

function ruled(action: PolicyAction): AppliedRule {
  return { action, why: 'we say so', file: '/etc/restart-manager/policy.toml', line: 7 }
}

function facts(pid: number, uid = 1000): ProcessFacts {
  const identity = { pid, startTime: 1n }
  const stat = {
    identity,
    name: 'x',
    state: 'S',
    parent: 1,
    processGroup: pid,
    session: pid,
    terminal: 0,
    threads: 1,
    kernelThread: false,
    onlyForked: false,
  }
  return { stat, identity, uid, executable: '/bin/x', command: ['x'], controlGroup: null, firstOfNamespace: false }
}

function service(name: string, notStoppable: string | null = null): Service {
  return {
    name,
    description: name,
    state: 'active',
    mainPid: 10,
    processes: [10],
    notStoppable,
    notStartable: null,
    goDownWithIt: [],
    held: [],
  }
}

describe('A program must not be stopped', () => {
  for (const [what, group, caller, reason] of [
    ['where it is the first process', [facts(1, 0)], root, 'critical-process'],
    ['where it is the installer', [facts(500)], root, 'detected-self'],
    ['where the installer was started from it', [facts(400)], user, 'detected-self'],
    ['where one of its processes is the installer', [facts(10), facts(500)], root, 'detected-self'],
    ['by another user', [facts(10, 1001)], user, 'permission-denied'],
    ['by a user where it runs as root', [facts(10, 0)], user, 'permission-denied'],
    ['where nobody could see whose it is', [facts(10, -1)], user, 'permission-denied'],
  ] as const) {
    it(what, () => assert.equal(criticalProcesses({ ...plain, group: [...group] }, caller)?.reason, reason))
  }

  it('but else it may', () => {
    assert.equal(criticalProcesses({ ...plain, group: [facts(10), facts(11)] }, user), null)
    assert.equal(criticalProcesses({ ...plain, group: [facts(10, 0), facts(11, 1001)] }, root), null)
    assert.equal(criticalProcesses({ ...plain, group: [] }, user), null)
  })
})

describe('A service must not be stopped', () => {
  for (const [what, one, group, caller, reason] of [
    ['where the installer runs in it', service('ssh.service'), [facts(400, 0)], root, 'detected-self'],
    ['where the policy says so, also by root', service('dbus.service'), [facts(10, 0)], root, 'critical-service'],
    ['where its unit refuses', service('a.service', 'It refuses'), [], root, 'critical-service'],
    ['by a user whom its manager does not obey', service('a.service', 'Not root'), [], user, 'permission-denied'],
  ] as const) {
    it(what, () => assert.equal(criticalServices(one, { ...ofSystem, group: [...group] }, caller)?.reason, reason))
  }

  it('but else it may', () =>
    assert.equal(criticalServices(service('nginx.service'), { ...ofSystem, group: [facts(10, 33)] }, root), null))

  it('and the words say why', () => {
    assert.equal(
      criticalServices(service('a.service', 'It refuses'), { ...ofSystem, group: [] }, root)?.why,
      'It refuses',
    )
    assert.match(
      String(criticalServices(service('dbus.service'), { ...ofSystem, group: [] }, root)?.why),
      /message bus/,
    )
  })
})

describe('A rule', () => {
  const group = [{ ...facts(10), executable: '/usr/bin/Xorg' }]
  const dbus = service('dbus.service')
  const critical = { reason: 'critical-process', why: 'we say so (/etc/restart-manager/policy.toml:7)' }

  it('makes a program and a service critical', () => {
    const ours = criticalProcesses({ ...plain, group: [facts(10)], rule: ruled('critical') }, root)
    assert.deepEqual(ours, { ...critical, cure: 'by-hand', overridable: false })
    const nginx = criticalServices(service('nginx.service'), { ...ofSystem, group, rule: ruled('critical') }, root)
    assert.equal(nginx?.reason, 'critical-service')
  })

  it('makes ordinary what the built-in list calls critical', () => {
    assert.equal(criticalProcesses({ ...plain, group }, root)?.overridable, true)
    assert.equal(criticalProcesses({ ...plain, group, rule: ruled('ordinary') }, root), null)
    assert.equal(criticalServices(dbus, { ...ofSystem, group: [] }, root)?.overridable, true)
    assert.equal(criticalServices(dbus, { ...ofSystem, group: [], rule: ruled('ordinary') }, root), null)
  })

  for (const action of ['no-shutdown', 'no-restart', 'restart'] as const) {
    it(`that says ${action} leaves critical what is`, () => {
      assert.ok(criticalProcesses({ ...plain, group, rule: ruled(action) }, root))
      assert.ok(criticalServices(dbus, { ...ofSystem, group: [], rule: ruled(action) }, root))
    })
  }

  for (const [what, never, caller, reason] of [
    ['PID 1', facts(1, 0), root, 'critical-process'],
    ['the installer', facts(500), root, 'detected-self'],
    ['the program of another user', facts(10, 1001), user, 'permission-denied'],
  ] as const) {
    it(`does not make ordinary ${what}`, () => {
      const found = criticalProcesses({ ...plain, group: [never], rule: ruled('ordinary') }, caller)
      assert.equal(found?.reason, reason)
      assert.equal(found.overridable, false)
    })
  }

  it('does not make ordinary the service that the installer runs in, or one that cannot be stopped', () => {
    const rule = ruled('ordinary')
    assert.equal(criticalServices(dbus, { ...ofSystem, group: [facts(400)], rule }, root)?.reason, 'detected-self')
    const refusing = service('a.service', 'It refuses')
    assert.equal(criticalServices(refusing, { ...ofSystem, group: [], rule }, root)?.reason, 'critical-service')
  })
})

describe('What the login session of the installer lives on', () => {
  const rule = ruled('ordinary')
  const kept = (one: Critical | null) => one && [one.reason, one.cure, one.overridable, one.why.includes('installer')]
  const screen = [{ ...facts(10), executable: '/usr/bin/Xorg' }]
  const display = service('lightdm.service')

  it('is kept by no rule: its screen and its message bus', () => {
    const critical = ['critical-process', 'log-out', false, true]
    assert.deepEqual(kept(criticalProcesses({ group: screen, session: '3', rule }, root)), critical)
    assert.deepEqual(kept(criticalProcesses({ group: screen, session: '3', rule: null }, root)), critical)
    assert.equal(criticalProcesses({ group: screen, session: '4', rule }, root), null)
    const tmux = [{ ...facts(10), executable: '/usr/bin/tmux' }]
    assert.equal(criticalProcesses({ group: tmux, session: '3', rule }, root), null)
  })

  it('nor that of its user, where it was started by the service manager of that user', () => {
    const bus = (manager: string) => criticalServices(service('dbus.service'), { group: [], rule, manager }, root)
    assert.deepEqual(kept(bus('systemd --user (1000)')), ['critical-service', 'log-out', false, true])
    assert.equal(bus('systemd --user (1001)'), null)
    assert.equal(bus('systemd'), null)
  })

  it('nor what somebody logged in through, unless that is not on the list', () => {
    const through = { ...ofSystem, group: [facts(300)], rule }
    assert.deepEqual(kept(criticalServices(display, through, root)), ['critical-service', 'log-out', false, true])
    assert.equal(criticalServices(display, { ...through, group: [facts(301)] }, root), null)
    assert.equal(criticalServices(service('ssh.service'), through, root), null)
  })
})

describe('The first process of a container', () => {
  const first = { ...facts(process.pid), firstOfNamespace: true }

  it('is kept', () => {
    assert.equal(criticalProcesses({ ...plain, group: [first] }, root)?.cure, 'by-hand')
  })

  it('is kept where it was started by one of the same program, and holds others', async () => {
    const child = spawn('cat')
    const ended = once(child, 'close')
    try {
      await once(child, 'spawn')
      const group = [facts(10), first]
      assert.equal(criticalProcesses({ ...plain, group }, root)?.cure, 'by-hand')
      assert.equal(
        criticalProcesses({ ...plain, group: [...group, facts(child.pid ?? 0)] }, root),
        null,
        'as a browser',
      )
    } finally {
      child.stdin.end()
      await ended
    }
  })
})

describe('A login session', () => {
  const reasonOf = (session: string, caller: Caller, rule: AppliedRule | null = null) =>
    criticalProcesses({ group: [facts(10)], session, rule }, caller)?.reason ?? null

  it('is out of reach for a user in another one, and for nobody else', () => {
    assert.equal(reasonOf('4', user), 'session-mismatch')
    assert.equal(reasonOf('3', user), null)
    assert.equal(reasonOf('4', root), null)
    assert.equal(reasonOf('4', user, ruled('ordinary')), null)
  })

  it('is not taken the shell that it is lived in with', () => {
    const shell = { ...facts(10), command: ['-bash'] }
    const onTerminal = { ...shell, stat: { ...shell.stat, terminal: 34816 } }
    assert.match(criticalProcesses({ ...plain, group: [onTerminal] }, root)?.why ?? '', /the shell/)
    assert.equal(criticalProcesses({ ...plain, group: [shell] }, root), null)
  })

  it('that is graphical keeps its display manager, and only then it is kept', () => {
    const reasonWith = (graphicalSession: boolean | null) =>
      criticalServices(service('gdm.service'), { ...ofSystem, group: [] }, { ...root, graphicalSession })?.cure ?? null
    assert.deepEqual([true, false, null].map(reasonWith), ['log-out', null, 'log-out'])
  })

  it("is what ends a user's own message bus, not a reboot", () => {
    const parts = { rule: null, manager: 'systemd --user (1001)', group: [] }
    assert.equal(criticalServices(service('dbus.service'), parts, root)?.cure, 'log-out')
  })
})

describe('The built-in list', () => {
  const critical =
    'dbus dbus-broker systemd-logind user@1000 user-runtime-dir@0 getty@tty1 serial-getty@ttyS0 gdm gdm3 sddm ' +
    'NetworkManager systemd-networkd ifup@eth0 openvpn openvpn@office openvpn-client@office wg-quick@wg0 docker ' +
    'containerd libvirtd systemd-nspawn@x unattended-upgrades emergency wpa_supplicant@wlan0 tailscaled strongswan ' +
    'lxc@web crio virtqemud iscsid cron-daily packagekit org.gnome.Shell@wayland cockpit-wsinstance-http firewalld ' +
    'usbguard rc-local elogind display-manager xdm plasma-kwin_wayland systemd-cryptsetup@home ' +
    'openvpn-server@a strongswan-swanctl wireguard-wg0 wickedd-nanny netctl@home ovs-vswitchd netplan-wpa-wlan0 incusd ' +
    'lxd-containers incus-startup libvirt-guests pve-container@100 vncserver@:1'
  for (const name of critical.split(' ')) {
    it(`keeps ${name}`, () => {
      assert.ok(criticalService(name))
      assert.equal(criticalService(`${name}.service`), criticalService(name))
    })
  }

  const others =
    'nginx ssh dbus-org.example my-docker docker-registry gettysburg userdbd gdm4 user cron crond atd postgresql@15-main ' +
    'rsyslog systemd-timesyncd systemd-udevd polkit plasma-plasmashell mysway openvpnas networkd-dispatcher ' +
    'nebula-graphd openvpn-monitor openvpn-exporter tailscaled-exporter headscale wickedpdf lxdm-web incusfoo pve-firewall-log'
  for (const name of others.split(' ')) it(`lets go of ${name}`, () => assert.equal(criticalService(name), null))

  const programs =
    '/usr/bin/Xorg /usr/lib/xorg/Xorg /usr/bin/gnome-shell /usr/bin/kwin_wayland /usr/libexec/gnome-session-binary ' +
    '/usr/lib/openssh/sshd-session /usr/bin/tmux /usr/bin/dbus-daemon /bin/sway /nix/store/abc-sway-1.9/bin/sway'
  for (const path of programs.split(' ')) it(`keeps ${path}`, () => assert.ok(criticalProgram(path, false)))

  const ordinary = '/home/me/bin/Xorg /tmp/gnome-shell /usr/bin/gnome-shell-extension-tool /usr/sbin/sshd /bin/login'
  for (const path of ordinary.split(' ')) {
    it(`lets go of ${path} outside a session`, () => assert.equal(criticalProgram(path, false), null))
  }

  it('keeps the sshd and the login of a session, not those that wait for one', () => {
    assert.ok(criticalProgram('/usr/sbin/sshd', true))
    assert.ok(criticalProgram('/usr/bin/login', true))
    assert.equal(criticalProgram(null, true), null)
  })

  it('knows the desktop shells that a session does without for a moment', () => {
    assert.equal(isDesktopShell('/usr/bin/plasmashell'), true)
    assert.equal(isDesktopShell('/usr/bin/gnome-shell'), false)
    assert.equal(isDesktopShell('/home/me/plasmashell'), false)
  })
})
