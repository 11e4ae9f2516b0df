import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { listSessions } from '../../src/index.ts'
import { quoted, restartctl, restartctlCommand, startCommand } from '../fixtures/command.ts'
import { startApplication } from '../support/application.ts'
import { Folder } from '../support/folder.ts'

describe('restartctl', () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  for (const args of [
    ['--help'],
    ['-h'],
    ['help'],
    ['run', '--help'],
    ['session', '--help'],
    ['session', 'wait', '-h'],
  ]) {
    it(`helps on standard output: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await restartctl(args)
      assert.deepEqual([code, stderr], [0, ''])
      assert.match(stdout, /^Usage: restartctl /)
    })
  }

  for (const [args, message] of [
    [[], /^Usage: restartctl /],
    [['session'], /^Usage: restartctl session /],
    [['lsit'], /^restartctl: unknown command 'lsit'.*\n/],
    [['session', 'begin'], /^restartctl: unknown command 'begin'/],
    [['list', '--colour'], /^restartctl: unknown option '--colour'/],
    [['run', '--force=1', '/a', '--', 'true'], /^restartctl: .*--force/],
    [['list', '--process'], /^restartctl: option '--process <PID>' argument missing/],
    [['run', '--timeout', '-5', '--', 'true'], /^restartctl: .*wanted seconds, from 0 to 86400/],
    [['session', 'wait', '--at-least', 'two'], /^restartctl: .*wanted a whole number/],
    [['sessions', 'x'], /^restartctl: too many arguments for 'sessions'/],
    [['filter', 'add', 'never', '--service', 'x'], /^restartctl: .*Allowed choices are no-restart, no-shutdown/],
    [['session', 'status'], /^restartctl: No session named\n.*RESTART_MANAGER_SESSION=\$\(restartctl session start/],
    [['run', '/a'], /^restartctl: No COMMAND to run\n.*-- nginx -t\n$/],
  ] as const) {
    it(`answers 2 and says why: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await restartctl([...args])
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /\n\s+at /)
    })
  }

  it('goes on only with --yes where nobody can be asked', async () => {
    await using application = await startApplication(folder, 'one')
    const { code, stdout, stderr } = await restartctl(['run', application.file, '--', 'touch', folder.path('ran')])
    assert.deepEqual([code, stdout], [2, ''])
    assert.match(stderr, /^restartctl: Nobody can be asked here, and --yes is not given\n.*add --yes\n$/)
    assert.deepEqual([application.facts().again, application.fixture.process.pid], [false, application.fixture.pid])
    assert.deepEqual(await listSessions(), [])
  })

  it('says what is wrong with its directory, and answers 1', async () => {
    const state = folder.directory('state')
    chmodSync(state, 0o755)
    const { code, stdout, stderr } = await restartctl(['session', 'start'])
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /state: its mode is 755, 700 was wanted\n {2}Close it to others: chmod 700 \/.*state\n$/)
    chmodSync(state, 0o700)
    const relative = await restartctl(['sessions'], { environment: { RESTART_MANAGER_RUNTIME_DIR: 'state' } })
    assert.equal(relative.code, 2)
    assert.match(relative.stderr, /RESTART_MANAGER_RUNTIME_DIR is not an absolute path: "state"/)
  })

  it('has no colours where NO_COLOR is set, nor by habit', async () => {
    for (const environment of [{}, { NO_COLOR: '1' }, { TERM: 'xterm-256color', COLORTERM: 'truecolor' }]) {
      const { stdout, stderr } = await restartctl(['doctor'], { environment })
      assert.doesNotMatch(stdout + stderr, /\u001b/)
    }
  })

  it('survives a reader that goes away', async () => {
    const line = `${quoted([...restartctlCommand, 'sessions'])} | true`
    await using command = startCommand(['sh', '-c', line])
    assert.deepEqual((await command.ended).stderr, '')
  })

  describe('doctor', () => {
    it('shows what this machine offers', async () => {
      const { code, stdout, stderr } = await restartctl(['doctor'])
      assert.ok(code === 0 || code === 1)
      assert.equal(stderr, '')
      assert.match(stdout, /^STATE +WHAT +FOUND\n/)
      assert.match(stdout, new RegExp(`\nok +Node +${process.versions.node}\n`))
    })

    it('says it in JSON, and answers 1 where something does not work at all', async () => {
      const { code, stdout } = await restartctl(['doctor', '--json'])
      const { checks } = JSON.parse(stdout) as { checks: Record<string, string | null>[] }
      for (const check of checks) {
        assert.deepEqual(Object.keys(check), ['name', 'state', 'found', 'cost'])
        assert.equal(check['cost'] === null, check['state'] === 'ok')
      }
      assert.equal(code, checks.some(({ state }) => state === 'failed') ? 1 : 0)
      chmodSync(folder.directory('state'), 0o777)
      const broken = await restartctl(['doctor', '--json'])
      assert.equal(broken.code, 1)
      const store = (JSON.parse(broken.stdout) as { checks: Record<string, string>[] }).checks.find(
        ({ name }) => name === 'session store',
      )
      assert.deepEqual([store?.['name'], store?.['state']], ['session store', 'failed'])
      assert.match(String(store?.['found']), /its mode is 777, 700 was wanted/)
      chmodSync(folder.state, 0o700)
    })
  })

  describe('application', () => {
    it('registers the shell script that calls it, shows and forgets it', async () => {
      const call = quoted(restartctlCommand)
      const script = [
        `${call} application register --no-reboot -- "$0" 'two words' ''`,
        `${call} application show --json`,
        `${call} application show`,
        `${call} application register -- last`,
        `${call} application show`,
        `${call} application unregister`,
        `${call} application unregister`,
        `${call} application show && echo still`,
        'exit 0',
      ]
      const path = folder.write('service.sh', script.join('\n'))
      await using command = startCommand(['sh', path])
      const { code, stdout, stderr } = await command.ended
      assert.equal(code, 0)
      assert.equal(stderr, `Process ${command.child.pid} is not registered for restart\n`)
      const end = stdout.indexOf('\n}\n') + 2
      assert.deepEqual(JSON.parse(stdout.slice(0, end)), {
        commandLine: [path, 'two words', ''],
        flags: { noCrash: false, noHang: false, noPatch: false, noReboot: true },
      })
      assert.deepEqual(stdout.slice(end + 1).split('\n'), [`${path} two words `, 'last', ''])
    })

    it('registers another process, which then is restartable', async () => {
      await using application = await startApplication(folder, 'one', 'unregistered')
      const process = ['--process', String(application.fixture.pid)]
      const before = await restartctl(['list', ...process])
      assert.match(before.stdout, /stays down: it did not register/)
      const { code, stdout, stderr } = await restartctl([
        'application',
        'register',
        ...process,
        '--no-patch',
        '--',
        'x',
      ])
      assert.deepEqual([code, stdout, stderr], [0, '', ''])
      const masked = await restartctl(['list', ...process])
      assert.match(masked.stdout, /stays down: it registered not to be restarted after an update \(noPatch\)/)
      await restartctl(['application', 'register', ...process, '--', 'x'])
      const after = await restartctl(['list', ...process])
      assert.doesNotMatch(after.stdout, /stays down/)
      assert.equal((await restartctl(['application', 'unregister', ...process])).code, 0)
    })

    it('refuses what is too long, and a process that is not there', async () => {
      const longest = await restartctl(['application', 'register', '--', 'x'.repeat(1023)])
      assert.deepEqual(longest, { code: 0, stdout: '', stderr: '' })
      const long = await restartctl(['application', 'register', '--', 'x'.repeat(1000), 'y'.repeat(23)])
      assert.equal(long.code, 2)
      assert.match(long.stderr, /^restartctl: The command line has 1024 UTF-16 units, at most 1023 are allowed\n/)
      assert.equal((await restartctl(['application', 'show'])).stdout, `${'x'.repeat(1023)}\n`)
      const nobody = await restartctl(['application', 'show', '--process', '4194304'])
      assert.deepEqual([nobody.code, nobody.stderr], [1, 'restartctl: No process has the pid 4194304\n'])
      assert.equal((await restartctl(['application', 'register', 'x'])).code, 2)
    })
  })
})
