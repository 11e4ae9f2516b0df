import assert from 'node:assert/strict'
import { readlinkSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { outsideMachine } from './machine-only.ts'
import { prepareOpenssh, type Openssh } from './openssh.ts'
import { output, property } from './units.ts'
import { aptInstall, install, upgradeOver, versionsOf } from './upgrade.ts'

const packages = ['openssh-server', 'openssh-client', 'openssh-sftp-server']

describe('an upgrade of openssh over a connection of openssh', { skip: outsideMachine }, () => {
  let openssh: Openssh
  let newest: string
  before(async () => {
    openssh = await prepareOpenssh()
    const versions = await versionsOf('openssh-server')
    newest = String(versions[0])
    await install(...packages.map((name) => `${name}=${String(versions.at(-1))}`))
    await output('systemctl', 'start', 'ssh')
  })
  after(async () => {
    await output('systemctl', 'stop', 'ssh.service')
  })

  const program = async () => readlinkSync(`/proc/${await property('ssh', 'MainPID')}/exe`)

  it('restarts the server, keeps the connection, and lists it', async () => {
    const pid = await property('ssh', 'MainPID')
    const { applications, remaining } = await upgradeOver(
      openssh,
      aptInstall(...packages.map((name) => `${name}=${newest}`)),
    )
    const rows = applications.map(({ application, outcome, error }) => [application.service, outcome, error])
    assert.deepEqual(rows, [['ssh.service', 'restarted', null]])
    assert.notEqual(await property('ssh', 'MainPID'), pid)
    assert.equal(await program(), '/usr/sbin/sshd')
    assert.deepEqual(
      remaining.map(({ name, uses, cure }) => [name, uses[0]?.path, cure]),
      [
        // The test's own client, at the other end of the connection.
        ['ssh', '/usr/bin/ssh', 'by-hand'],
        ['sshd', '/usr/sbin/sshd', 'log-out'],
      ],
    )
    assert.match(String(remaining[1]?.why), /installer/)
    const again = openssh.connect('echo hello')
    assert.equal(await text(again.stdout), 'hello\n')
  })
})
