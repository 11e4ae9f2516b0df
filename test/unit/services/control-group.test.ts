import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { membershipOf, type Scope } from '../../../src/services/systemd/control-group.ts'

const system: Scope = { kind: 'system' }
const user: Scope = { kind: 'user', uid: 1000 }
const manager = '/user.slice/user-1000.slice/user@1000.service'

const rows: [controlGroup: string, ofSystem: string | null, ofUser: string | null, session: string | null][] = [
  ['/', null, null, null],
  ['', null, null, null],
  ['/..', null, null, null],
  ['/../../elsewhere', null, null, null],
  ['/init.scope', null, null, null],
  ['/system.slice', null, null, null],
  ['/system.slice/nginx.service', 'nginx.service', null, null],
  ['/system.slice/foo.service/child', 'foo.service', null, null],
  ['/system.slice/foo.service/bar.service', 'foo.service', null, null],
  ['/system.slice/system-getty.slice/getty@tty1.service', 'getty@tty1.service', null, null],
  ['/system.slice/foo@a@b.service', 'foo@a@b.service', null, null],
  ['/system.slice/foo@.service', null, null, null],
  ['/system.slice/_cpu.service', 'cpu.service', null, null],
  ['/system.slice/__foo.service', '_foo.service', null, null],
  ['/system.slice/home-me\\x2dtoo.service', 'home-me\\x2dtoo.service', null, null],
  ['/system.slice/nginx.service (deleted)', null, null, null],
  ['/system.slice/cups.socket', null, null, null],
  ['/system.slice/docker-4f6a.scope', null, null, null],
  ['/docker/4f6a', null, null, null],
  ['/own.slice/own-deep.slice/foo.service', 'foo.service', null, null],
  ['/foo.service', 'foo.service', null, null],
  ['/machine.slice/machine-web.scope/payload/system.slice/nginx.service', null, null, null],
  [
    '/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service',
    'systemd-nspawn@web.service',
    null,
    null,
  ],
  ['/payload/system.slice/nginx.service', null, null, null],
  ['/user.slice/user-1000.slice/session-3.scope', null, null, '3'],
  ['/user.slice/user-1000.slice/session-c1.scope/child', null, null, 'c1'],
  ['/user.slice/user-1000.slice/user-runtime-dir@1000.service', 'user-runtime-dir@1000.service', null, null],
  [manager, 'user@1000.service', null, null],
  [`${manager}/init.scope`, 'user@1000.service', null, null],
  [`${manager}/app.slice/foo.service`, null, 'foo.service', null],
  [`${manager}/app.slice/foo.service/child`, null, 'foo.service', null],
  [`${manager}/app.slice/app-gnome\\x2dterminal.slice/vte-spawn-1.scope`, null, null, null],
  [`${manager}/foo.service`, null, 'foo.service', null],
  ['/user.slice/user-1001.slice/user@1001.service/app.slice/foo.service', null, null, null],
]

describe('membershipOf', () => {
  for (const [controlGroup, ofSystem, ofUser, session] of rows) {
    it(`reads ${JSON.stringify(controlGroup)}`, () => {
      assert.deepEqual(membershipOf(system, controlGroup), { service: ofSystem, session })
      assert.deepEqual(membershipOf(user, controlGroup), { service: ofUser, session })
    })
  }
})
