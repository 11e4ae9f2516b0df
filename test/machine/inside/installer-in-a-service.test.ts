import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { before, describe, it } from 'node:test'
import type { AffectedList } from '../../../src/index.ts'
import { execute, restartctlCommand, type Answer } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { prepareOpenssh, type Openssh } from './openssh.ts'
import { installPackage } from './packages.ts'
import { install, output, property, shellService, until, untilExists } from './units.ts'

const file = '/run/rm-shell.dat'
const listing = '/run/rm-listing.json'

function assertSelf({ rebootReasons, applications }: AffectedList, name: string): void {
  assert.deepEqual(rebootReasons, ['detected-self'])
  const [application] = applications
  assert.equal(applications.length, 1)
  assert.equal(application?.service, `${name}.service`)
  assert.equal(application.type, 'critical')
  assert.equal(application.restartable, false)
  assert.match(application.critical ?? '', /the installer/)
}

describe('an installer that runs in a service', { skip: outsideMachine }, () => {
  /** Runs a command as a service of this name. */
  async function asService(name: string, ...command: string[]): Promise<Answer> {
    return await execute(['systemd-run', '--quiet', '--wait', '--pipe', '--collect', `--unit=${name}`, ...command])
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

  it('finds a service that it was only started from, by way of a scope', async () => {
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

describe('an installer that somebody started by hand or by the clock', { skip: outsideMachine }, () => {
  let openssh: Openssh
  const command = restartctlCommand.join(' ')
  /** A line of shell that writes the list of some resources to `listing`, whole. */
  const lists = (...resources: string[]) =>
    `${command} list ${resources.join(' ')} --json >${listing}.new; mv ${listing}.new ${listing}`

  before(async () => {
    openssh = await prepareOpenssh()
    await output('systemctl', 'start', 'ssh')
  })

  /** What a line of shell wrote when it was run over ssh; its standard input stays open meanwhile. */
  async function overSsh(line: string): Promise<string> {
    const connection = openssh.connect(line)
    const [stdout, stderr] = await Promise.all([text(connection.stdout), text(connection.stderr)])
    assert.ok(stdout !== '', stderr)
    return stdout
  }

  async function listedBy(start: () => Promise<unknown>): Promise<AffectedList> {
    rmSync(listing, { force: true })
    await start()
    await untilExists(listing)
    return JSON.parse(readFileSync(listing, 'utf8')) as AffectedList
  }

  it('over ssh may restart sshd: its session is none of the service', async () => {
    const { rebootReasons, applications } = JSON.parse(
      await overSsh(`${command} list --service ssh --json`),
    ) as AffectedList
    assert.deepEqual(rebootReasons, [])
    assert.deepEqual(
      applications.map(({ service, critical, restartable, cure }) => [service, critical, restartable, cure]),
      [['ssh.service', null, true, null]],
    )
    const before = await property('ssh', 'MainPID')
    const answer = await overSsh(`${command} run --service ssh --yes -- systemctl is-active ssh; echo "exit $?"`)
    assert.equal(answer, 'inactive\nexit 3\n', 'systemctl says 3 for what is down, and the connection lives to tell')
    assert.equal(await property('ssh', 'ActiveState'), 'active')
    assert.notEqual(await property('ssh', 'MainPID'), before)
  })

  it('over ssh may not end what its own connection lives on', async () => {
    const list = JSON.parse(await overSsh(`${command} list --process $PPID --json`)) as AffectedList
    assert.deepEqual(list.rebootReasons, ['detected-self'])
    assert.deepEqual(
      list.applications.map(({ overridable, cure }) => [overridable, cure]),
      [[false, 'log-out']],
    )
  })

  it('leaves alone what the connection of somebody else lives on', async () => {
    const connection = openssh.connect('echo $PPID; cat')
    const pid = await new Promise<string>((resolve) => connection.stdout.once('data', (data) => resolve(String(data))))
    const { stdout } = await execute([...restartctlCommand, 'list', '--process', pid.trim(), '--json'])
    const [application] = (JSON.parse(stdout) as AffectedList).applications
    assert.deepEqual([application?.rebootReason, application?.cure], ['critical-process', 'log-out'])
    assert.match(application?.critical ?? '', /a connection of somebody/)
    assert.notEqual(application?.session, null)
    connection.stdin.end()
  })

  it('in a scope of its own that was made over ssh may restart sshd, too', async () => {
    const line = `systemd-run --quiet --scope -- ${command} list --service ssh --json`
    assert.deepEqual((JSON.parse(await overSsh(line)) as AffectedList).rebootReasons, [])
  })

  it('in tmux needs tmux, and sshd no more', async () => {
    await installPackage('tmux', '/usr/bin/tmux')
    const inner = lists('/usr/bin/tmux', '--service', 'ssh')
    const { rebootReasons, applications } = await listedBy(() =>
      overSsh(`tmux -L rm new-session -d "${inner}; sleep 600"; echo started`),
    )
    assert.deepEqual(rebootReasons, ['detected-self'])
    assert.deepEqual(applications.map(({ name, rebootReason }) => [name, rebootReason]).sort(), [
      ['ssh', null],
      ['tmux', 'detected-self'],
    ])
    const { stdout } = await execute([...restartctlCommand, 'list', '/usr/bin/tmux', '--json'])
    const [seen] = (JSON.parse(stdout) as AffectedList).applications
    assert.deepEqual([seen?.rebootReason, seen?.cure], ['critical-process', 'by-hand'], 'for all others, too')
    await output('tmux', '-L', 'rm', 'kill-server')
  })

  it('that cron started needs cron', async () => {
    await installPackage('cron', '/usr/sbin/cron')
    const list = await listedBy(async () => {
      rmSync('/run/crond.reboot', { force: true })
      writeFileSync('/etc/cron.d/rm-installer', `@reboot root ${lists('--service', 'cron')}\n`, { mode: 0o644 })
      await output('systemctl', 'restart', 'cron')
    })
    rmSync('/etc/cron.d/rm-installer')
    assertSelf(list, 'cron')
  })

  it('that at started needs atd', async () => {
    await installPackage('at', '/usr/sbin/atd')
    await output('systemctl', 'start', 'atd')
    const list = await listedBy(() => execute(['at', 'now'], { input: `${lists('--service', 'atd')}\n` }))
    assertSelf(list, 'atd')
  })
})
