import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { startNginx, type Nginx } from './nginx.ts'
import { prepareOpenssh, type Openssh } from './openssh.ts'
import { output, property } from './units.ts'
import { aptInstall, upgradeOver, versionsOf } from './upgrade.ts'

const libraries = /lib(ssl|crypto)\.so\.3/
const deleted = / \(deleted\)$/

describe('an upgrade of libssl3 over a connection of openssh', { skip: outsideMachine }, () => {
  let openssh: Openssh
  let nginx: Nginx
  let program: ChildProcess
  before(async () => {
    nginx = await startNginx()
    openssh = await prepareOpenssh()
    await output('systemctl', 'start', 'nginx', 'ssh')
    const script = 'import ssl, sys; print("ready", flush=True); sys.stdin.read()'
    const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
    program = child
    await once(child.stdout, 'data')
  })
  after(async () => {
    program.stdin?.end()
    await output('systemctl', 'stop', 'nginx', 'ssh')
  })

  /** The lines of /proc/PID/maps that say that the service has the old library. */
  const old = async (service: string): Promise<string[]> =>
    readFileSync(`/proc/${await property(service, 'MainPID')}/maps`, 'utf8')
      .split('\n')
      .filter((line) => libraries.test(line) && deleted.test(line))

  it('puts the services on the new library, keeps the connection, and lists who has the old one', async () => {
    const before = await Promise.all(['nginx', 'ssh'].map((name) => property(name, 'MainPID')))
    const [newest] = await versionsOf('libssl3')
    const { applications, remaining } = await upgradeOver(openssh, aptInstall(`libssl3=${String(newest)}`))
    const rows = new Map(applications.map(({ application, outcome }) => [application.service, outcome]))
    assert.deepEqual([rows.get('nginx.service'), rows.get('ssh.service')], ['restarted', 'restarted'])
    assert.deepEqual([...(await old('nginx')), ...(await old('ssh'))], [])
    const now = await Promise.all(['nginx', 'ssh'].map((name) => property(name, 'MainPID')))
    assert.ok(now.every((pid, index) => pid !== before[index]))
    await nginx.answer()
    const left = new Map(remaining.map(({ process, cure, why }) => [process.pid, { cure, why }]))
    // What JSON gives back are numbers for pids.
    assert.equal(left.get(program.pid ?? 0)?.cure, 'by-hand')
    const connection = remaining.find(({ name }) => name === 'sshd')
    assert.equal(connection?.cure, 'log-out')
    const { stdout } = await restartctl(['stale', '--json'])
    const { applications: stale } = JSON.parse(stdout) as { applications: { service: string | null }[] }
    assert.ok(!stale.some(({ service }) => service === 'nginx.service' || service === 'ssh.service'))
  })
})
