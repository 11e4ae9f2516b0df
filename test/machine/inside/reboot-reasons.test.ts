import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { after, afterEach, before, describe, it } from 'node:test'
import type { AffectedApplication, AffectedList } from '../../../src/index.ts'
import { execute, makeUser, restartctl, restartctlCommand } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property } from './units.ts'

const uid = 4731
const user = 'rm-reasons'
const file = '/run/rm-reasons.dat'
const policy = '/etc/restart-manager/policy.toml'
const endless = '[Service]\nExecStart=/bin/sleep infinity\n'

describe('a reboot is required, and it is said why', { skip: outsideMachine }, () => {
  const started: ChildProcess[] = []

  before(async () => {
    await makeUser(user, uid)
    writeFileSync(file, 'data')
    mkdirSync('/etc/restart-manager', { recursive: true })
    await install(
      { 'rm-ordinary.service': endless, 'gdm.service': endless },
      { 'rm-ordinary-alias.service': 'rm-ordinary.service' },
    )
    await output('systemctl', 'start', 'rm-ordinary')
  })
  afterEach(async () => {
    rmSync(policy, { force: true })
    for (const child of started.splice(0)) {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'close') : null
      child.stdin?.end()
      await ended
    }
  })
  after(() => rmSync('/etc/restart-manager', { recursive: true, force: true }))

  /** Starts what comes to be cat(1): it runs when it has answered, and ends with its standard input. */
  async function start(command: [string, ...string[]], environment: Record<string, string> = {}): Promise<number> {
    const child = spawn(command[0], command.slice(1), {
      stdio: 'pipe',
      env: { PATH: process.env['PATH'], ...environment },
    })
    started.push(child)
    child.stdin.write('ready\n')
    await once(child.stdout, 'data')
    return child.pid ?? 0
  }

  /** Does so in a login session of its own: su(1) asks logind for one. */
  const logIn = (line: string, environment = {}) => start(['su', '-', user, '-c', line], environment)

  async function listed(args: string[], as: { uid?: number } = {}): Promise<AffectedList> {
    const { status, stdout, stderr } = await restartctl(['list', ...args, '--json'], as)
    assert.equal(status, 0, stderr)
    return JSON.parse(stdout) as AffectedList
  }

  function facts({ applications }: AffectedList): (Partial<AffectedApplication> | undefined)[] {
    return applications.map(({ name, type, rebootReason, cure, overridable }) => ({
      name,
      type,
      rebootReason,
      cure,
      overridable,
    }))
  }

  it('permission-denied: the program of another user, for all but root', async () => {
    const pid = await start(['cat'])
    const list = await listed(['--process', String(pid)], { uid })
    assert.deepEqual(list.rebootReasons, ['permission-denied'])
    assert.deepEqual(facts(list), [
      { name: 'cat', type: 'critical', rebootReason: 'permission-denied', cure: 'by-hand', overridable: false },
    ])
    const refused = await restartctl(['run', '--process', String(pid), '--yes', '--', 'true'], {
      uid,
      environment: { RESTART_MANAGER_RUNTIME_DIR: `/tmp/${user}` },
    })
    assert.equal(refused.status, 3)
    assert.match(refused.stderr, /only root may stop it\n {2}What helps: run it as root, who may stop cat; /)
    assert.deepEqual((await listed(['--process', String(pid)])).rebootReasons, [], 'root may')
  })

  it('session-mismatch: a program of the same user in another login session, for all but root', async () => {
    await logIn(`exec 3<${file}; exec cat`)
    const fromAnother = ['su', '-', user, '-c', [...restartctlCommand, 'list', file, '--json'].join(' ')]
    const listedThere = async () => JSON.parse((await execute(fromAnother)).stdout) as AffectedList
    const list = await listedThere()
    assert.deepEqual(list.rebootReasons, ['session-mismatch'])
    assert.deepEqual(facts(list), [
      { name: 'cat', type: 'unknown', rebootReason: 'session-mismatch', cure: 'log-out', overridable: true },
    ])
    const { session, critical } = list.applications[0] as AffectedApplication
    assert.equal(critical, `it belongs to login session ${String(session)}, and only root can start it there again`)
    assert.deepEqual((await listed([file])).rebootReasons, [], 'root may')
    writeFileSync(policy, `[[rule]]\nusers = ["${user}"]\naction = "ordinary"\n`)
    assert.deepEqual((await listedThere()).rebootReasons, [], 'a rule allows it')
  })

  it('none: a program of the same user in the same login session', async () => {
    const command = [...restartctlCommand, 'list', file, '--json'].join(' ')
    const line = `sleep 60 3<${file} & ${command}; kill $!`
    const { stdout } = await execute(['su', '-', user, '-c', line])
    const list = JSON.parse(stdout) as AffectedList
    assert.deepEqual(list.rebootReasons, [])
    assert.deepEqual(
      list.applications.map(({ name }) => name),
      ['sleep'],
    )
  })

  it('critical-process: the screen of a graphical session, by the file that runs', async () => {
    const places = { '/usr/bin/Xorg': 'critical-process', '/opt/Xorg': null }
    for (const [path, reason] of Object.entries(places)) {
      copyFileSync('/bin/cat', path)
      chmodSync(path, 0o755)
      const pid = await start([path])
      const list = await listed(['--process', String(pid)])
      assert.deepEqual(list.applications[0]?.rebootReason, reason, path)
      assert.deepEqual(list.rebootReasons, reason === null ? [] : [reason])
    }
    writeFileSync(policy, '[[rule]]\nexecutables = ["/usr/bin/X*"]\naction = "ordinary"\n')
    assert.deepEqual((await listed(['/usr/bin/Xorg'])).rebootReasons, [], 'a rule allows it')
    rmSync('/opt/Xorg')
  })

  it('critical-process: the screen of the session that the installer runs in, whatever a rule says', async () => {
    writeFileSync(policy, '[[rule]]\nexecutables = ["/usr/bin/X*"]\naction = "ordinary"\n')
    copyFileSync('/bin/sleep', '/usr/bin/Xorg')
    const command = [...restartctlCommand, 'list', '--json', '--process'].join(' ')
    const { stdout } = await execute(['su', '-', user, '-c', `/usr/bin/Xorg 60 & ${command} $!; kill $!`])
    const list = JSON.parse(stdout) as AffectedList
    assert.deepEqual(facts(list), [
      { name: 'Xorg', type: 'critical', rebootReason: 'critical-process', cure: 'log-out', overridable: false },
    ])
    assert.match(list.applications[0]?.critical ?? '', /, and the installer runs in that session$/)
  })

  it('none: the panel of a desktop, which is of the type explorer', async () => {
    copyFileSync('/bin/cat', '/usr/bin/plasmashell')
    const list = await listed(['--process', String(await start(['/usr/bin/plasmashell']))])
    assert.deepEqual(facts(list), [
      { name: 'plasmashell', type: 'explorer', rebootReason: null, cure: 'by-hand', overridable: false },
    ])
  })

  it('critical-process: PID 1, whatever a rule says, with what helps', async () => {
    writeFileSync(policy, '[[rule]]\nusers = ["root"]\naction = "ordinary"\n')
    const [application] = (await listed(['--process', '1'])).applications
    assert.equal(application?.rebootReason, 'critical-process')
    assert.equal(application.overridable, false)
    assert.match(application.critical ?? '', /systemctl daemon-reexec/)
  })

  it('critical-service: what the built-in list keeps, and the message says what helps', async () => {
    const list = await listed(['--service', 'systemd-logind'])
    assert.deepEqual(list.rebootReasons, ['critical-service'])
    assert.equal(list.applications[0]?.cure, 'reboot', 'this systemd has no soft-reboot')
    const { status, stderr } = await restartctl(['run', '--service', 'systemd-logind', '--yes', '--', 'true'])
    assert.equal(status, 3)
    assert.match(stderr, /systemd-logind \(process \d+, registered itself\): it holds the login sessions\n/)
    assert.match(
      stderr,
      /What helps: reboot for systemd-logind \(systemctl reboot\); or allow it for systemd-logind: action/,
    )
    writeFileSync(policy, '[[rule]]\nservices = ["systemd-log*"]\naction = "ordinary"\n')
    assert.deepEqual((await listed(['--service', 'systemd-logind'])).rebootReasons, [])
  })

  it('critical-service: what a rule keeps, by an alias, and it goes on running', async () => {
    writeFileSync(
      policy,
      '\n[[rule]]\nservices = ["rm-ordinary-alias"]\naction = "critical"\nwhy = "the shop stands still"\n',
    )
    const list = await listed(['--service', 'rm-ordinary'])
    assert.deepEqual(list.rebootReasons, ['critical-service'])
    assert.equal(list.applications[0]?.critical, `the shop stands still (${policy}:2)`)
    const before = await property('rm-ordinary', 'MainPID')
    const { status } = await restartctl(['run', '--service', 'rm-ordinary', '--force', '--yes', '--', 'true'])
    assert.equal(status, 3)
    assert.equal(await property('rm-ordinary', 'MainPID'), before)
  })

  for (const [action, state, outcome] of [
    ['no-shutdown', 'active', /Left running/],
    ['no-restart', 'inactive', /Stays down/],
  ] as const) {
    it(`none: a service that a rule with ${action} means`, async () => {
      await output('systemctl', 'start', 'rm-ordinary')
      writeFileSync(policy, `[[rule]]\nservices = ["rm-ord*"]\naction = "${action}"\n`)
      const { status, stderr } = await restartctl(['run', '--service', 'rm-ordinary', '--yes', '--', 'true'])
      assert.equal(status, 0, stderr)
      assert.match(stderr, outcome)
      assert.equal(await property('rm-ordinary', 'ActiveState'), state)
    })
  }

  it('critical-service: a display manager while somebody is logged in at a screen, and only then', async () => {
    await output('systemctl', 'start', 'gdm')
    assert.deepEqual((await listed(['--service', 'gdm'])).rebootReasons, [])
    await logIn('exec cat', { XDG_SESSION_TYPE: 'x11' })
    const [application] = (await listed(['--service', 'gdm'])).applications
    assert.deepEqual([application?.rebootReason, application?.cure], ['critical-service', 'log-out'])
    await output('systemctl', 'stop', 'gdm')
  })
})
