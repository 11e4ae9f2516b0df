import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { joinSession, listSessions, type AffectedList, type SessionSummary } from '../../src/index.ts'
import { isRunning } from '../../src/linux/process-stat.ts'
import { jsonLines, quoted, restartctl, restartctlCommand, startCommand, type Transcript } from '../fixtures/command.ts'
import { startApplication, until } from '../support/application.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

describe('restartctl session', () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  /** The key of a new session, owned by this process. */
  async function start(): Promise<string> {
    const { code, stdout, stderr } = await restartctl(['session', 'start'])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /^[0-9a-f]{32}\n$/)
    return stdout.trim()
  }

  it('serves a shell script from start to end', async () => {
    await using application = await startApplication(folder, 'one')
    const script = `
      set -e
      restartctl() { ${quoted(restartctlCommand)} "$@"; }
      RESTART_MANAGER_SESSION=$(restartctl session start --owner $$)
      export RESTART_MANAGER_SESSION
      restartctl session register "$1"
      restartctl session wait --at-least 1 --timeout 30
      restartctl session list > "$2/list"
      restartctl session shutdown --yes
      restartctl session status --json > "$2/status"
      printf new > "$1.new"; mv "$1.new" "$1"
      restartctl session restart
      restartctl session end
      restartctl session status || echo "ended: $?"
    `
    await using command = startCommand(['sh', '-c', script, 'sh', application.file, folder.root])
    const { code, stdout, stderr } = await command.ended
    assert.deepEqual([code, stdout], [0, 'ended: 6\n'], stderr)
    await until('it runs again', () => application.facts().again)
    assert.equal(application.facts().content, 'new')
    const summary = JSON.parse(folderText('status')) as SessionSummary
    assert.deepEqual(
      [summary.state, summary.stopped, summary.owner.pid],
      ['stopped', ['application.ts'], command.child.pid],
    )
    assert.match(folderText('list'), /application.ts .*one.dat \(open\)/)
    assert.match(
      stderr,
      /\nStopped: application.ts .*\nStarted: application.ts .*\n {4}Not as before: its standard input.*\nrestartctl: No session of this user has this key\n/,
    )
    assert.deepEqual(await listSessions(), [])
  })

  function folderText(name: string): string {
    return readFileSync(folder.path(name), 'utf8')
  }

  it('starts one that lives while its owner does; sessions shows it, then as abandoned', async () => {
    const owner = await startFixture('opens-a-file', [folder.write('a', '')])
    const { stdout } = await restartctl(['session', 'start', '--json', '--owner', String(owner.pid)])
    const { key } = JSON.parse(stdout) as { key: string }
    const live = await restartctl(['sessions'])
    assert.deepEqual([live.code, live.stderr], [0, ''])
    const [head, row] = live.stdout.split('\n')
    assert.match(String(head), /^SESSION +STATE +OWNER +STARTED +SECONDARIES +RESOURCES +STOPPED$/)
    assert.match(String(row), new RegExp(`^[0-9a-f]{16} +open +process ${owner.pid} +[-0-9]+ [:0-9]+ UTC +- +- +-$`))
    const { pid, startTime } = owner.process
    await owner.stop()
    const abandoned = await restartctl(['sessions', '--json'])
    const [summary] = JSON.parse(abandoned.stdout) as [Record<string, unknown>]
    assert.deepEqual([summary['state'], summary['owner']], ['abandoned', { pid, startTime: String(startTime) }])
    for (const shown of [live.stdout, abandoned.stdout]) assert.ok(!shown.includes(key))
    const register = await restartctl(['session', 'register', '--session', key, '/not/there'])
    assert.equal(register.code, 6)
    assert.match(register.stderr, /^restartctl: The session is abandoned: its owner, process \d+, has ended\n/)
  })

  it('shows that there are none', async () => {
    assert.deepEqual(await restartctl(['sessions']), { code: 0, stdout: 'No sessions\n', stderr: '' })
    assert.equal((await restartctl(['sessions', '--json'])).stdout, '[]\n')
    const owner = await restartctl(['session', 'start', '--owner', '4194304'])
    assert.deepEqual([owner.code, owner.stdout], [1, ''])
  })

  it('registers everything in one call or nothing, and leaves', async () => {
    const key = await start()
    const session = ['--session', key]
    const first = await restartctl([
      'session',
      'register',
      ...session,
      folder.path('a'),
      '--directory',
      folder.root,
      '--process',
      String(process.pid),
    ])
    assert.deepEqual(first, { code: 0, stdout: '', stderr: '' })
    const list = `${folder.path('b')}\0${folder.path('c')}`
    const second = await restartctl(['session', 'register', ...session, '--from-file', '-', '-0'], { input: list })
    assert.equal(second.code, 0)
    const bad = await restartctl(['session', 'register', ...session, folder.path('d'), '--process', '0'])
    assert.equal(bad.code, 2)
    const none = await restartctl(['session', 'register', ...session])
    assert.equal(none.code, 2)
    assert.match(none.stderr, /^restartctl: No resources to register/)
    const { stdout } = await restartctl(['session', 'status', ...session, '--json'])
    const { resources } = JSON.parse(stdout) as SessionSummary
    assert.deepEqual(resources, { files: 3, directories: 1, processes: 1, services: 0 })
    const shown = await restartctl(['session', 'status'], { environment: { RESTART_MANAGER_SESSION: key } })
    assert.match(shown.stdout, / 2 left +3 files, 1 directory, 1 process +-\n$/)
  })

  it('waits for secondaries, in vain with a time-out, until it is interrupted', async () => {
    const key = await start()
    const wait = ['session', 'wait', '--session', key]
    assert.deepEqual(await restartctl(wait), { code: 0, stdout: '', stderr: '' })
    const vain = await restartctl([...wait, '--at-least', '1', '--timeout', '0.1'])
    assert.deepEqual([vain.code, vain.stdout], [130, ''])
    assert.match(
      vain.stderr,
      /^restartctl: Gave up waiting for participants after 0.1 s: 0 of 1 secondaries have joined\n$/,
    )
    await using waiting = startCommand([...restartctlCommand, ...wait, '--at-least', '1'])
    const secondary = await joinSession(key)
    await secondary.finished()
    assert.deepEqual(await waiting.ended, { code: 0, stdout: '', stderr: '' })
    await secondary.register({ files: ['/not/there'] })
    await secondary.end()
  })

  it('prints JSON: the list as a document, operations as lines', async () => {
    await using application = await startApplication(folder, 'one')
    const session = ['--session', await start()]
    await restartctl(['session', 'register', ...session, application.file])
    const list = await restartctl(['session', 'list', ...session, '--json'])
    const { applications } = JSON.parse(list.stdout) as AffectedList
    assert.deepEqual(applications[0]?.process, {
      pid: application.fixture.pid,
      startTime: String(application.fixture.process.startTime),
    })
    assert.equal((await restartctl(['list', ...session, '--json'])).stdout, list.stdout)
    for (const [verb, args] of [
      ['shutdown', ['--yes']],
      ['restart', []],
    ] as const) {
      const transcript = await restartctl(['session', verb, ...session, '--json', ...args])
      assert.deepEqual([transcript.code, transcript.stderr], [0, ''])
      const last = jsonLines(transcript).at(-1) as { type: string; error: null; applications: { outcome: string }[] }
      assert.deepEqual([last.type, last.error], ['result', null])
      assert.deepEqual(
        last.applications.map(({ outcome }) => outcome),
        [verb === 'shutdown' ? 'stopped' : 'restarted'],
      )
    }
    await until('it runs again', () => application.facts().again)
    const history = await restartctl(['session', 'list', ...session, '--json'])
    const statuses = (JSON.parse(history.stdout) as AffectedList).applications.map(({ status }) => status.join(' '))
    assert.deepEqual(statuses.sort(), ['running', 'running stopped restarted'])
  })

  it('refuses to restart before a shutdown, and to stop without --yes', async () => {
    const session = ['--session', await start()]
    const early = await restartctl(['session', 'restart', ...session])
    assert.equal(early.code, 1)
    assert.match(
      early.stderr,
      /^restartctl: Nothing to restart: shutdown has not been called.*\n.*restartctl session shutdown\n$/,
    )
    await using application = await startApplication(folder, 'one')
    await restartctl(['session', 'register', ...session, application.file])
    const unasked = await restartctl(['session', 'shutdown', ...session])
    assert.equal(unasked.code, 2)
    assert.match(unasked.stderr, /^restartctl: Nobody can be asked here, and --yes is not given\n/)
    assert.ok(isRunning(application.fixture.process))
  })

  it('cancels a shutdown that runs in another process', async () => {
    await using stubborn = await startApplication(folder, 'stubborn', 'ignores-sigterm')
    const session = ['--session', await start()]
    await restartctl(['session', 'register', ...session, stubborn.file])
    await using stopping = startCommand([...restartctlCommand, 'session', 'shutdown', ...session, '--yes'])
    await until('it is stopping', async () => (await listSessions())[0]?.state === 'stopping')
    const again = await restartctl(['session', 'shutdown', ...session, '--yes'])
    assert.equal(again.code, 1)
    assert.match(
      again.stderr,
      /^restartctl: Another operation is running: the session is stopping\n.*session cancel\n$/,
    )
    assert.deepEqual(await restartctl(['session', 'cancel', ...session]), { code: 0, stdout: '', stderr: '' })
    const { code, stderr } = await stopping.ended
    assert.equal(code, 130)
    assert.match(stderr, /cancelled/i)
    assert.ok(isRunning(stubborn.fixture.process))
    assert.deepEqual(await restartctl(['session', 'cancel', ...session]), { code: 0, stdout: '', stderr: '' })
  })

  it('lets a secondary decide nothing, nor what a secondary has started', async () => {
    const owner = await startFixture('opens-a-file', [folder.write('a', '')])
    const { stdout } = await restartctl(['session', 'start', '--owner', String(owner.pid)])
    const key = stdout.trim()
    const secondary = await joinSession(key)
    const session = ['--session', key]
    for (const [args, action] of [
      [['session', 'shutdown', '--yes'], 'shutdown'],
      [['session', 'restart'], 'restart'],
      [['session', 'cancel'], 'cancel'],
      [['session', 'end'], 'end'],
      [['filter', 'list'], 'filters'],
    ] as const) {
      const transcript = await restartctl([...args, ...session])
      assert.equal(transcript.code, 1, args.join(' '))
      assert.match(transcript.stderr, new RegExp(`restartctl: Only the primary may do this: ${action}\n`))
    }
    await secondary.end()
    assert.equal((await restartctl(['session', 'end', ...session])).code, 0)
    await owner.stop()
  })

  it('keeps filters', async () => {
    await using kept = await startApplication(folder, 'kept')
    await using stopped = await startApplication(folder, 'stopped')
    const session = ['--session', await start()]
    const filter = (...args: string[]): Promise<Transcript> => restartctl(['filter', ...args, ...session])
    assert.equal((await filter('list')).stdout, 'No filters\n')
    const program = ['--executable', '/opt/a\u001b[31mb']
    assert.deepEqual(await filter('add', 'no-restart', ...program), { code: 0, stdout: '', stderr: '' })
    assert.equal((await filter('add', 'no-shutdown', '--process', String(kept.fixture.pid))).code, 0)
    assert.equal((await filter('add', 'no-restart', '--service', 'nginx')).code, 0)
    const { stdout } = await filter('list')
    assert.deepEqual(stdout.split('\n'), [
      'no-restart  the program /opt/a\\x1b[31mb',
      `no-shutdown  the process ${kept.fixture.pid}`,
      'no-restart  the service nginx.service',
      '',
    ])
    const { pid, startTime } = kept.fixture.process
    assert.deepEqual(JSON.parse((await filter('list', '--json')).stdout), [
      { target: { executable: '/opt/a\u001b[31mb' }, action: 'no-restart' },
      { target: { process: { pid, startTime: String(startTime) } }, action: 'no-shutdown' },
      { target: { service: 'nginx.service' }, action: 'no-restart' },
    ])
    assert.equal((await filter('remove', ...program)).code, 0)
    const gone = await filter('remove', ...program)
    assert.deepEqual([gone.code, gone.stdout], [1, ''])
    assert.match(gone.stderr, /^restartctl: No filter for the program .*x1b\[31mb\n.*restartctl filter list\n$/)
    assert.doesNotMatch(gone.stderr, /\u001b/)
    for (const args of [['add', 'no-restart'], ['remove'], ['add', 'no-restart', '--service', 'x', '--process', '1']]) {
      const { code, stderr } = await filter(...args)
      assert.equal(code, 2)
      assert.match(stderr, /A filter names exactly one of --executable, --process, --service/)
    }
    await restartctl(['session', 'register', ...session, kept.file, stopped.file])
    const shutdown = await restartctl(['session', 'shutdown', ...session, '--yes'])
    assert.equal(shutdown.code, 0)
    assert.match(shutdown.stderr, new RegExp(`\nLeft running, as a filter says: application.ts \\(process ${pid}\\)\n`))
    assert.ok(isRunning(kept.fixture.process))
    assert.equal((await restartctl(['session', 'restart', ...session])).code, 0)
    await until('it runs again', () => stopped.facts().again)
  })
})
