import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { criticalProcesses, criticalServices, type Caller } from '../../../src/affected/critical.ts'
import type { ProcessFacts } from '../../../src/affected/process-facts.ts'
import { criticalService } from '../../../src/policy/index.ts'
import type { Service } from '../../../src/services/service-manager.ts'

const root: Caller = { uid: 0, installers: new Set([500, 400]) }
const user: Caller = { uid: 1000, installers: new Set([500, 400]) }

function facts(pid: number, uid = 1000): ProcessFacts {
  const identity = { pid, startTime: 1n }
  const stat = {
    identity,
    name: 'x',
    state: 'S',
    parent: 1,
    processGroup: pid,
    terminal: 0,
    threads: 1,
    kernelThread: false,
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
    it(what, () => assert.equal(criticalProcesses([...group], caller)?.reason, reason))
  }

  it('but else it may', () => {
    assert.equal(criticalProcesses([facts(10), facts(11)], user), null)
    assert.equal(criticalProcesses([facts(10, 0), facts(11, 1001)], root), null)
    assert.equal(criticalProcesses([], user), null)
  })
})

describe('A service must not be stopped', () => {
  for (const [what, one, group, caller, reason] of [
    ['where the installer runs in it', service('ssh.service'), [facts(400, 0)], root, 'detected-self'],
    ['where the policy says so, also by root', service('dbus.service'), [facts(10, 0)], root, 'critical-service'],
    ['where its unit refuses', service('a.service', 'It refuses'), [], root, 'critical-service'],
    ['by a user whom its manager does not obey', service('a.service', 'Not root'), [], user, 'permission-denied'],
  ] as const) {
    it(what, () => assert.equal(criticalServices(one, [...group], caller)?.reason, reason))
  }

  it('but else it may', () => assert.equal(criticalServices(service('nginx.service'), [facts(10, 33)], root), null))

  it('and the words say why', () => {
    assert.equal(criticalServices(service('a.service', 'It refuses'), [], root)?.why, 'It refuses')
    assert.match(String(criticalServices(service('dbus.service'), [], root)?.why), /message bus/)
  })
})

describe('The policy', () => {
  const critical =
    'dbus dbus-broker systemd-logind user@1000 user-runtime-dir@0 getty@tty1 serial-getty@ttyS0 gdm gdm3 sddm ' +
    'NetworkManager systemd-networkd ifup@eth0 openvpn openvpn@office openvpn-client@office wg-quick@wg0 docker ' +
    'containerd libvirtd systemd-nspawn@x unattended-upgrades emergency'
  for (const name of critical.split(' ')) {
    it(`keeps ${name}`, () => {
      assert.ok(criticalService(name))
      assert.equal(criticalService(`${name}.service`), criticalService(name))
    })
  }

  const others = 'nginx ssh dbus-org.example my-docker docker-registry gettysburg userdbd gdm4 user cron'
  for (const name of others.split(' ')) it(`lets go of ${name}`, () => assert.equal(criticalService(name), null))
})
