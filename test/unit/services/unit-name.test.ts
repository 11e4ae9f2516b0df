import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { serviceName, unitType } from '../../../src/services/systemd/unit-name.ts'

describe('serviceName', () => {
  const rows: [given: string, full: string | null][] = [
    ['nginx', 'nginx.service'],
    ['nginx.service', 'nginx.service'],
    ['foo.bar', 'foo.bar.service'],
    ['getty@tty1', 'getty@tty1.service'],
    ['dbus-org.freedesktop.login1', 'dbus-org.freedesktop.login1.service'],
    ['system\\x2dd', 'system\\x2dd.service'],
    ['getty@', null],
    ['getty@.service', null],
    ['@tty1.service', null],
    ['nginx.socket', null],
    ['multi-user.target', null],
    ['getty@.socket', null],
    ['', null],
    ['.service', null],
    ['two words', null],
    ['/usr/sbin/nginx', null],
    ['../nginx', null],
    ['nginx\n', null],
    ['ngïnx', null],
    ['*', null],
    ['a'.repeat(247), `${'a'.repeat(247)}.service`],
    ['a'.repeat(248), null],
  ]
  for (const [given, full] of rows) {
    it(`takes ${JSON.stringify(given)} as ${String(full)}`, () => assert.equal(serviceName(given), full))
  }
})

describe('unitType', () => {
  it('is what follows the last dot of a valid name', () => {
    assert.equal(unitType('-.slice'), 'slice')
    assert.equal(unitType('a.service.socket'), 'socket')
  })

  it('is null where nothing precedes it, or it is no type', () => {
    assert.equal(unitType('.slice'), null)
    assert.equal(unitType('nginx.conf'), null)
    assert.equal(unitType('nginx'), null)
  })
})
