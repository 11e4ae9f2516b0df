import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { AffectedList } from '../../../src/index.ts'
import { execute, restartctlCommand, type Answer } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, shellService, until, untilExists } from './units.ts'

const file = '/run/rm-shell.dat'
const listing = '/run/rm-listing.json'

describe('an installer that runs in a service', { skip: outsideMachine }, () => {
  /** Runs a command as a service of this name. */
  async function asService(name: string, ...command: string[]): Promise<Answer> {
    return await execute(['systemd-run', '--quiet', '--wait', '--pipe', '--collect', `--unit=${name}`, ...command])
  }

  function assertSelf({ rebootReasons, applications }: AffectedList, name: string): void {
    assert.deepEqual(rebootReasons, ['detected-self'])
    const [application] = applications
    assert.equal(applications.length, 1)
    assert.equal(application?.service, `${name}.service`)
    assert.equal(application.type, 'critical')
    assert.equal(application.restartable, false)
    assert.match(application.critical ?? '', /the installer/)
  }

  it('finds itself when it names the service', async () => {
    const { status, stdout, stderr } = await asService(
      'rm-installer',
      ...[...restartctlCommand, 'list', '--service', 'rm-installer', '--json'],
    )
    assert.equal(status, 0, stderr)
    assertSelf(JSON.parse(stdout) as AffectedList, 'rm-installer')
  })

  it('finds itself when a shell above it in the service uses the file', async () => {
    writeFileSync(file, 'data')
    const line = `exec 3<${file}; ${[...restartctlCommand, 'list', file, '--json'].join(' ')} 3<&-; exit`
    const { stdout, stderr } = await asService('rm-installer', 'sh', '-c', line)
    assert.ok(stdout !== '', stderr)
    assertSelf(JSON.parse(stdout) as AffectedList, 'rm-installer')
  })

  it('stops nothing', async () => {
    const run = ['run', '--service', 'rm-installer', '--yes', '--', 'touch', '/run/rm-installed']
    const { status, stderr } = await asService('rm-installer', ...restartctlCommand, ...run)
    assert.equal(status, 3, stderr)
    assert.match(stderr, /the installer runs in it/)
  })

  it('finds a service that it was only started from, as a login shell from that of sshd', async () => {
    const list = [...restartctlCommand, 'list', '--service', 'rm-sshd', '--json'].join(' ')
    const login = `systemd-run --quiet --scope -- ${list} >${listing}.new && mv ${listing}.new ${listing}; sleep infinity`
    await install({ 'rm-sshd.service': shellService(login) })
    await output('systemctl', 'start', 'rm-sshd')
    await untilExists(listing)
    assertSelf(JSON.parse(readFileSync(listing, 'utf8')) as AffectedList, 'rm-sshd')
    assert.equal(await property('rm-sshd', 'ActiveState'), 'active')
    await output('systemctl', 'stop', 'rm-sshd')
  })

  it('does not find itself in a service that runs the same program', async () => {
    await install({ 'rm-other-sleep.service': '[Service]\nExecStart=/bin/sleep infinity\n' })
    await output('systemctl', 'start', 'rm-other-sleep')
    await until('it runs', async () => (await property('rm-other-sleep', 'MainPID')) !== '0')
    const { stdout } = await asService(
      'rm-installer',
      ...restartctlCommand,
      'list',
      '--service',
      'rm-other-sleep',
      '--json',
    )
    assert.deepEqual((JSON.parse(stdout) as AffectedList).rebootReasons, [])
    await output('systemctl', 'stop', 'rm-other-sleep')
  })
})
