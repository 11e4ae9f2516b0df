import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { afterEach, before, beforeEach, describe, it } from 'node:test'
import { listSessions } from '../../../src/index.ts'
import { execute, jsonLines, makeUser, restartctl, restartctlCommand } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { nginxConfiguration, nginxProgram, startNginx, type Nginx } from './nginx.ts'
import { install, output, property, untilExists } from './units.ts'

const user = 4713
const trace = '/run/rm-command-ran'

/** What src does not do yet. */

describe('restartctl run', { skip: outsideMachine }, () => {
  let nginx: Nginx
  let pid: number

  before(async () => {
    nginx = await startNginx()
    await makeUser('rm-runs', user)
  })
  beforeEach(async () => {
    rmSync(trace, { force: true })
    await output('systemctl', 'start', 'nginx')
    pid = await nginx.mainPid()
  })
  afterEach(async () => {
    assert.deepEqual(await listSessions(), [], 'no session is left')
  })

  async function untouched(): Promise<void> {
    assert.equal(await nginx.mainPid(), pid, 'nginx was not stopped')
    assert.ok(!existsSync(trace), 'COMMAND did not run')
  }

  it('stops nginx, runs COMMAND and starts nginx again', async () => {
    const script = `systemctl is-active nginx >${trace}; sed -i s/old/newer/ ${nginxConfiguration}; cat ${trace}`
    const { status, stdout, stderr } = await restartctl([
      ...['run', '--service', 'nginx', nginxProgram, '--yes'],
      ...['--', 'sh', '-c', script],
    ])
    assert.deepEqual([status, stdout], [0, 'inactive\n'], stderr)
    assert.match(stderr, /nginx/)
    assert.notEqual(await nginx.mainPid(), pid)
    assert.equal(await nginx.answer(), 'newer')
    nginx.configure('old')
  })

  it('ends with the code of COMMAND, and nginx is up again', async () => {
    const { status } = await restartctl(['run', '--service', 'nginx', '--yes', '--', 'sh', '-c', 'exit 7'])
    assert.equal(status, 7)
    assert.notEqual(await nginx.mainPid(), pid)
    await nginx.answer()
  })

  it('ends with 128 and the signal that ended COMMAND, and nginx is up again', async () => {
    const { status } = await restartctl(['run', '--service', 'nginx', '--yes', '--', 'sh', '-c', 'kill -9 $$'])
    assert.equal(status, 137)
    await nginx.answer()
  })

  it('does not stop anything where COMMAND is not there', async () => {
    const { status, stderr } = await restartctl(['run', '--service', 'nginx', '--yes', '--', 'no-such-command'])
    assert.equal(status, 2)
    assert.match(stderr, /no-such-command/)
    await untouched()
  })

  it('ends with 3 and stops nothing where a critical service is affected', async () => {
    const services = ['--service', 'nginx', '--service', 'dbus']
    const bus = await property('dbus', 'MainPID')
    const { status, stderr } = await restartctl(['run', ...services, '--yes', '--', 'touch', trace])
    assert.equal(status, 3)
    assert.match(stderr, /reboot/)
    assert.match(stderr, /every service on the message bus depends on it/)
    await untouched()
    assert.equal(await property('dbus', 'MainPID'), bus)
  })

  it('ends with 3 for a user who is not root', async () => {
    const { status, stderr } = await restartctl(['run', '--service', 'nginx', '--yes', '--', 'true'], { uid: user })
    assert.equal(status, 3)
    assert.match(stderr, /not root/)
    await untouched()
  })

  it('ends with 2 and stops nothing where nobody can be asked and --yes is not given', async () => {
    for (const input of ['', 'y\n']) {
      const { status, stderr } = await restartctl(['run', '--service', 'nginx', '--', 'touch', trace], { input })
      assert.equal(status, 2)
      assert.match(stderr, /--yes/)
      await untouched()
    }
  })

  describe('on a terminal', () => {
    const onTerminal = (input: string) => {
      const command = [...restartctlCommand, 'run', '--service', 'nginx', '--', 'touch', trace].join(' ')
      return execute(['script', '--quiet', '--return', '--command', command, '/dev/null'], { input })
    }

    it('asks, and stops nothing at a no', async () => {
      const { status, stdout } = await onTerminal('n\n')
      assert.match(stdout, /nginx/)
      assert.match(stdout, /\[y\/N\]/)
      assert.equal(status, 130)
      await untouched()
    })

    it('goes on at a yes', async () => {
      const { status, stdout } = await onTerminal('y\n')
      assert.equal(status, 0, stdout)
      assert.ok(existsSync(trace))
      assert.notEqual(await nginx.mainPid(), pid)
    })
  })

  it('writes lines of JSON, the last one of type result', async () => {
    const answer = await restartctl([
      'run',
      '--service',
      'nginx',
      '--yes',
      '--json',
      '--',
      'sh',
      '-c',
      'echo said; exit 7',
    ])
    assert.equal(answer.status, 7)
    assert.match(answer.stderr, /^said$/m)
    const lines = jsonLines(answer)
    assert.ok(lines.every(({ type }) => typeof type === 'string'))
    assert.deepEqual(
      lines.map(({ type }) => type).filter((type) => type !== 'progress'),
      ['list', 'command', 'result'],
    )
    const result = lines.at(-1) as unknown as {
      exitCode: number
      error: null
      restart: { applications: { outcome: string; application: { name: string; process: { pid: number } } }[] }
    }
    assert.deepEqual([result.exitCode, result.error], [7, null])
    const started = result.restart.applications.map(({ application, outcome }) => [
      ...[application.name, outcome, application.process.pid],
    ])
    assert.deepEqual(started, [['nginx', 'restarted', await nginx.mainPid()]])
  })

  it('writes a line of type result where nothing was stopped, too', async () => {
    const dbus = await restartctl(['run', '--service', 'dbus', '--yes', '--json', '--', 'true'])
    const consent = await restartctl(['run', '--service', 'nginx', '--json', '--', 'true'])
    const results = [dbus, consent].map((answer) => {
      const { type, exitCode, error } = jsonLines(answer).at(-1) ?? {}
      return [answer.status, type, exitCode, (error as { code: string }).code]
    })
    assert.deepEqual(results, [
      [3, 'result', 3, 'REBOOT_REQUIRED'],
      [2, 'result', 2, 'INVALID_ARGUMENT'],
    ])
    await untouched()
  })

  it('leaves nginx down with --no-restart', async () => {
    const { status } = await restartctl(['run', '--service', 'nginx', '--yes', '--no-restart', '--', 'touch', trace])
    assert.equal(status, 0)
    assert.ok(existsSync(trace))
    assert.equal(await property('nginx', 'ActiveState'), 'inactive')
  })

  it('leaves down what was down', async () => {
    await output('systemctl', 'stop', 'nginx')
    const { status } = await restartctl(['run', '--service', 'nginx', nginxProgram, '--yes', '--', 'touch', trace])
    assert.equal(status, 0)
    assert.ok(existsSync(trace))
    assert.equal(await property('nginx', 'ActiveState'), 'inactive')
  })

  for (const [what, redirected] of [
    ['results', '| { read -r line; }'],
    ['messages', '2>&1 >/dev/null | { read -r line; }'],
  ]) {
    it(`starts nginx again also where nobody reads its ${what} any more`, async () => {
      const command = [...restartctlCommand, 'run', '--service', 'nginx', '--yes', '--json', '--', 'true'].join(' ')
      const verbose = what === 'messages' ? command.replace('--json', '') : command
      await execute(['sh', '-c', `${verbose} ${redirected}`], {
        environment: { RESTART_MANAGER_RUNTIME_DIR: '/run/rm-no-reader' },
      })
      assert.equal(await nginx.answer(), 'old')
    })
  }

  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    it(`passes ${signal} on to COMMAND as a request to end, starts nginx again and ends with 130`, async () => {
      const line = `trap "exit 0" TERM; touch ${trace}; while :; do sleep 0.05; done`
      const [command = '', ...args] = [
        ...[...restartctlCommand, 'run', '--service', 'nginx', '--yes'],
        ...['--', 'sh', '-c', line],
      ]
      const run = spawn(command, args, { stdio: 'ignore' })
      const ended = once(run, 'exit')
      await untilExists(trace)
      assert.equal(await property('nginx', 'ActiveState'), 'inactive')
      run.kill(signal)
      assert.deepEqual(await ended, [130, null])
      assert.equal(await nginx.answer(), 'old')
    })
  }

  it('is content where COMMAND has started nginx itself', async () => {
    const { status, stderr } = await restartctl([
      'run',
      '--service',
      'nginx',
      '--yes',
      '--',
      'systemctl',
      'start',
      'nginx',
    ])
    assert.equal(status, 0, stderr)
    await nginx.answer()
  })

  it('starts again in place what COMMAND has registered and what still uses the old version', async () => {
    await install({
      'rm-in-place.service': '[Service]\nExecStart=/bin/sh -c "exec 3</run/rm-in-place.dat; exec sleep infinity"\n',
    })
    await output('sh', '-c', 'echo old >/run/rm-in-place.dat')
    await output('systemctl', 'start', 'rm-in-place')
    const before = await property('rm-in-place', 'MainPID')
    const register = [...restartctlCommand, 'session', 'register', '/run/rm-in-place.dat'].join(' ')
    const replace = 'echo new >/run/rm-in-place.new && mv /run/rm-in-place.new /run/rm-in-place.dat'
    const { status } = await restartctl([
      ...['run', '--service', 'nginx', '--yes', '--', 'sh', '-c', `${register} && ${replace}`],
    ])
    assert.equal(status, 0)
    assert.notEqual(await property('rm-in-place', 'MainPID'), before)
  })
})
