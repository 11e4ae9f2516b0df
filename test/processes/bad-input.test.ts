import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  identifyProcess,
  joinSession,
  listAffected,
  listSessions,
  openSession,
  startSession,
  type PrimarySession,
  type Resources,
  type RestartManagerError,
} from '../../src/index.ts'
import { startInstaller } from '../fixtures/installer-process.ts'
import { startFixture, startProgram, type Fixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

const unknownKey = '0123456789abcdef'.repeat(2)
const nobody = 65534

describe('bad input', () => {
  let folder: Folder
  let session: PrimarySession
  let user: Fixture

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    session = await startSession()
    user = await startFixture('opens-a-file', [folder.write('used', '')])
    await session.register({ files: [folder.path('used')], processes: [user.process] })
    folder.write('good', '')
    folder.directory('directory')
  })
  afterEach(async () => {
    await session[Symbol.asyncDispose]()
    await user.stop()
    folder[Symbol.dispose]()
  })

  /** What was registered before is there, and nothing else, and the session works. */
  async function nothingLost(): Promise<void> {
    const { resources, state } = await session.summary()
    assert.deepEqual([resources, state], [{ files: 1, directories: 0, processes: 1, services: 0 }, 'open'])
    const { applications } = await session.list()
    assert.deepEqual(
      applications.map((one) => [one.process.pid, one.uses.map(({ path }) => path)]),
      [[user.pid, [folder.path('used')]]],
    )
  }

  /** Refused alone, and beside what is good, which is not registered either. */
  async function refuses(resources: object, code: string, message: RegExp): Promise<void> {
    const bad = resources as Resources
    const good = { files: [folder.path('good')], directories: [folder.path('directory')], processes: [process.pid] }
    const mixed = {
      ...bad,
      files: [...good.files, ...(bad.files ?? [])],
      directories: [...good.directories, ...(bad.directories ?? [])],
      processes: [...good.processes, ...(bad.processes ?? [])],
    }
    for (const given of [bad, mixed]) await rejectsWith(session.register(given), code, message)
    await rejectsWith(listAffected(bad), code, message)
    await nothingLost()
  }

  describe('keys', () => {
    it('unknown ones are refused, whatever is done with them', async () => {
      for (const attempt of [joinSession(unknownKey), openSession(unknownKey)]) {
        const error = await rejectsWith(attempt, 'SESSION_KEY_INVALID', /^No session of this user has this key$/)
        assert.equal(error.win32, 1219)
        assert.match(String(error.hint), /restartctl sessions$/)
      }
      await nothingLost()
    })

    it('malformed ones are refused without being repeated', async () => {
      const malformed = [
        '',
        'x',
        unknownKey.slice(1),
        `${unknownKey}0`,
        ` ${unknownKey}`,
        `${unknownKey}\n`,
        '../'.repeat(11),
      ]
      for (const key of [...malformed, 'g'.repeat(32), 42, null, undefined, { key: unknownKey }]) {
        const error = await rejectsWith(
          joinSession(key as string),
          'INVALID_ARGUMENT',
          /^Malformed session key: 32 hex/,
        )
        if (typeof key === 'string' && key.length > 1) assert.ok(!error.message.includes(key))
      }
      await nothingLost()
    })

    it('those of an ended session are unknown', async () => {
      const ended = await startSession()
      await ended.end()
      await rejectsWith(joinSession(ended.key), 'SESSION_KEY_INVALID', /No session of this user/)
    })

    it('those of a session whose owner has ended are refused, and the message says so', async () => {
      const owner = await startInstaller()
      const key = (await owner.tell('start')) as string
      await owner.kill()
      const error = await rejectsWith(
        joinSession(key),
        'INVALID_SESSION',
        /abandoned: its owner, process \d+, has ended/,
      )
      assert.match(error.message, new RegExp(`process ${owner.process.pid},`))
      assert.equal((await listSessions()).find(({ state }) => state === 'abandoned')?.owner.pid, owner.process.pid)
    })

    it('those of another user open nothing, in either direction', { skip: otherUserObstacle() }, async () => {
      await using visitor = await startInstaller({ user: nobody })
      await rejectsWith(visitor.tell('join', session.key), 'SESSION_KEY_INVALID', /No session of this user/)
      await rejectsWith(visitor.tell('sessions'), 'STORE_FAILED', /may not look at it|belongs to user 0/)
      const theirs = folder.directory('theirs')
      folder.give(theirs, nobody)
      await using other = await startInstaller({
        user: nobody,
        environment: { RESTART_MANAGER_RUNTIME_DIR: theirs },
      })
      const key = (await other.tell('start')) as string
      await rejectsWith(joinSession(key), 'SESSION_KEY_INVALID', /No session of this user/)
      const options = { runtimeDirectory: theirs }
      await rejectsWith(joinSession(key, options), 'SESSION_KEY_INVALID', /No session of this user/)
      await rejectsWith(listSessions(options), 'STORE_FAILED', /belongs to user 65534, user 0 was wanted/)
      assert.equal(await other.tell('finished'), null)
      await nothingLost()
    })
  })

  describe('paths', () => {
    for (const [what, path, message] of [
      ['relative', 'good', /^Not an absolute path: "good"$/],
      ['relative to the home', '~/good', /^Not an absolute path: "~\/good"$/],
      ['empty', '', /^The path is empty; wanted an absolute path$/],
      ['with a NUL byte', '/etc/passwd\0.txt', /^The path has a NUL byte: "\/etc\/passwd\\u0000.txt"$/],
      ['too long', `/${'x'.repeat(5000)}`, /^The path has 5001 bytes; at most 4095 are possible$/],
      ['with a part that is too long', `/${'x'.repeat(300)}`, /^Cannot look at "\/x+": ENAMETOOLONG$/],
      ['no text', 42, /^Not a path: 42; wanted a text$/],
      ['missing', undefined, /^Not a path: undefined; wanted a text$/],
    ] as const) {
      it(`${what}: refused among files and among directories`, async () => {
        await refuses({ files: [path] }, 'INVALID_ARGUMENT', message)
        await refuses({ directories: [path] }, 'INVALID_ARGUMENT', message)
      })
    }

    it('a directory among the files, also by way of a link', async () => {
      symlinkSync(folder.path('directory'), folder.path('link'))
      for (const path of [folder.path('directory'), folder.path('link')]) {
        await refuses({ files: [path] }, 'INVALID_ARGUMENT', new RegExp(`^A directory among the files: ${path}$`))
      }
    })

    it('a file among the directories', async () => {
      await refuses({ directories: [folder.path('good')] }, 'INVALID_ARGUMENT', /^A file among the directories: \//)
    })

    it('a link that leads round in a circle', async () => {
      symlinkSync(folder.path('circle'), folder.path('circle'))
      await refuses({ files: [folder.path('circle')] }, 'INVALID_ARGUMENT', /^Cannot look at ".*circle": ELOOP$/)
    })

    it('what is not there is accepted and has no users, also below a file', async () => {
      await session.register({ files: [folder.path('not-there'), folder.path('good/below')] })
      await session.register({ directories: [folder.path('not-there/either')] })
      assert.deepEqual((await session.summary()).resources, { files: 3, directories: 1, processes: 1, services: 0 })
      assert.equal((await session.list()).applications.length, 1)
    })

    for (const name of ['new\nline', 'tab\t', '\u001b[31mred', ' ', '-', '"quoted" \\', 'ä 日本 🙂', '%s $HOME `x`']) {
      it(`any name a file can have is accepted, and its user is found: ${JSON.stringify(name)}`, async () => {
        await using other = await startFixture('opens-a-file', [folder.write(name, '')])
        await session.register({ files: [folder.path(name)] })
        const { applications } = await session.list()
        assert.deepEqual(
          applications.filter((one) => one.process.pid === other.pid).map((one) => one.uses.map(({ path }) => path)),
          [[folder.path(name)]],
        )
      })
    }
  })

  describe('processes', () => {
    for (const pid of [0, -1, 2 ** 40, 1.5, NaN, Infinity, '1', true]) {
      it(`no pid: ${String(pid)} (${typeof pid})`, async () => {
        const message = new RegExp(`^Not a pid: ${String(pid)}; wanted a whole number from 1 to 4194304$`)
        await refuses({ processes: [pid] }, 'INVALID_ARGUMENT', message)
        await refuses({ processes: [{ pid, startTime: 1n }] }, 'INVALID_ARGUMENT', message)
        await rejectsWith(identifyProcess(pid as number), 'INVALID_ARGUMENT', message)
        await rejectsWith(startSession({ owner: pid as number }), 'INVALID_ARGUMENT', /^Not a pid: /)
      })
    }

    it('one that has ended, by pid and by identity', async () => {
      const program = startProgram(['cat'])
      const { process: identity, pid } = program
      await program.stop()
      const ended = new RegExp(`^The process ${pid} that started at ${identity.startTime} has ended$`)
      await refuses({ processes: [identity] }, 'PROCESS_NOT_FOUND', ended)
      await rejectsWith(startSession({ owner: identity }), 'PROCESS_NOT_FOUND', ended)
      // That pid may be another process's by now; the kernel counts up to this one and does not give it out.
      const unused = 4_194_304
      const error = await rejectsWith(
        session.register({ files: [folder.path('good')], processes: [unused] }),
        'PROCESS_NOT_FOUND',
        new RegExp(`^No process has the pid ${unused}$`),
      )
      assert.equal(error.win32, 87)
      await nothingLost()
    })

    it('one with another start time: the pid is taken by another process', async () => {
      const { pid, startTime } = user.process
      await refuses(
        { processes: [{ pid, startTime: startTime + 1n }] },
        'PROCESS_NOT_FOUND',
        /that started at \d+ has ended/,
      )
      assert.deepEqual(await identifyProcess(pid), { pid, startTime })
    })

    it('an identity whose start time is no bigint', async () => {
      for (const startTime of [1, '1', undefined, null, -1n]) {
        const given = { processes: [{ pid: user.pid, startTime }] }
        await rejectsWith(
          session.register(given as Resources),
          'INVALID_ARGUMENT',
          /start time of process \d+ is no bigint/,
        )
      }
      await nothingLost()
    })
  })

  describe('services', () => {
    for (const name of ['', 'two words', 'a/b', '../dbus', 'x\ny', 'x'.repeat(256), 42, null]) {
      it(`no name: ${JSON.stringify(name).slice(0, 20)}`, async () => {
        await refuses(
          { services: [name] },
          'INVALID_ARGUMENT',
          /^Not the name of a service: .*; wanted something like nginx/,
        )
      })
    }

    it('one that nobody knows', async () => {
      const services = ['restart-manager-test-not-there']
      const error = await fails(session.register({ files: [folder.path('good')], services }))
      // Where no service manager answers it cannot be known: that is what is said then, and never "there is none".
      if (error.code === 'SERVICE_MANAGER_FAILED') assert.match(error.message, /^systemd cannot be reached/)
      else {
        assert.equal(error.code, 'INVALID_ARGUMENT')
        assert.equal(error.message, `No service is called ${String(services[0])}`)
      }
      await nothingLost()
    })
  })

  describe('resources', () => {
    it('none at all', async () => {
      const message = /^No resources to register; wanted at least one of files, directories, processes, services$/
      for (const resources of [{}, { files: [] }, { files: [], directories: [], processes: [], services: [] }]) {
        await rejectsWith(session.register(resources), 'INVALID_ARGUMENT', message)
      }
      await nothingLost()
    })

    it('of an unknown kind', async () => {
      const message = /^Unknown kind of resource: file; known are files, directories, processes, services$/
      await refuses({ file: [folder.path('good')] }, 'INVALID_ARGUMENT', message)
    })

    const wrongShapes: [string, unknown][] = [
      ['null', null],
      ['no argument', undefined],
      ['a path that stands alone', { files: '/etc/hostname' }],
      ['a pid that stands alone', { processes: 1 }],
      ['null among the processes', { processes: [null] }],
    ]
    for (const [what, resources] of wrongShapes) {
      it(`of a wrong shape: ${what}`, async () => {
        await rejectsWith(session.register(resources as Resources), 'INVALID_ARGUMENT', /list|wanted/)
        await nothingLost()
      })
    }
  })

  describe('the directory of the sessions', () => {
    async function cannotBeUsed(runtimeDirectory: string, problem: RegExp): Promise<void> {
      await rejectsWith(startSession({ runtimeDirectory }), 'STORE_FAILED', problem)
      await rejectsWith(listSessions({ runtimeDirectory }), 'STORE_FAILED', problem)
    }

    it('may not be a symbolic link', async () => {
      const link = folder.path('state-link')
      symlinkSync(folder.state, link)
      await cannotBeUsed(
        link,
        /^Cannot use (directory )?.*state-link: it is a symbolic link, a real directory was wanted$/,
      )
      await rejectsWith(joinSession(session.key, { runtimeDirectory: link }), 'STORE_FAILED', /symbolic link/)
      await nothingLost()
    })

    it('may not be a file', async () => {
      await cannotBeUsed(folder.path('good'), /it is no directory$/)
    })

    it('may not be open to others', async () => {
      const open = folder.directory('open')
      chmodSync(open, 0o750)
      await cannotBeUsed(open, /open: its mode is 750, 700 was wanted$/)
      const error = await fails(startSession({ runtimeDirectory: open }))
      assert.equal(error.hint, `Close it to others: chmod 700 ${open}`)
      chmodSync(folder.state, 0o755)
      await rejectsWith(joinSession(session.key), 'STORE_FAILED', /its mode is 755, 700 was wanted/)
      chmodSync(folder.state, 0o700)
      await nothingLost()
    })

    it('may not be open to others one floor below', async () => {
      chmodSync(`${folder.state}/sessions`, 0o701)
      await cannotBeUsed(folder.state, /sessions: its mode is 701, 700 was wanted$/)
      chmodSync(`${folder.state}/sessions`, 0o700)
      await nothingLost()
    })

    it(
      'may not belong to another user',
      { skip: process.geteuid?.() === 0 ? false : 'needs root, to give a directory away' },
      async () => {
        const theirs = folder.directory('theirs')
        folder.give(theirs, nobody)
        await cannotBeUsed(theirs, /it belongs to user 65534, user 0 was wanted$/)
        chownSync(`${folder.state}/sessions`, nobody, nobody)
        await cannotBeUsed(folder.state, /it belongs to user 65534, user 0 was wanted$/)
        chownSync(`${folder.state}/sessions`, 0, 0)
        await nothingLost()
      },
    )

    it('may not be relative, and is not made with all its parents', async () => {
      await rejectsWith(
        startSession({ runtimeDirectory: 'state' }),
        'INVALID_ARGUMENT',
        /not an absolute path: "state"$/,
      )
      const runtimeDirectory = folder.path('not/there')
      const error = await rejectsWith(
        startSession({ runtimeDirectory }),
        'STORE_FAILED',
        /^Cannot make directory .*: ENOENT$/,
      )
      assert.equal(error.hint, `Make its parent: mkdir -p ${folder.path('not')}`)
      assert.deepEqual(await listSessions({ runtimeDirectory }), [])
    })

    it('may be there already, empty and closed', async () => {
      const runtimeDirectory = folder.path('made')
      mkdirSync(runtimeDirectory, { mode: 0o700 })
      await using other = await startSession({ runtimeDirectory })
      assert.equal((await listSessions({ runtimeDirectory })).length, 1)
      assert.notEqual(other.key, session.key)
    })
  })

  describe('options', () => {
    for (const value of [-1, NaN, Infinity, 2 ** 31, '5']) {
      it(`a time-out that is ${String(value)} (${typeof value})`, async () => {
        const timeouts = { applicationMs: value as number }
        const message = /^The time-out applicationMs is .*; wanted milliseconds from 0 to 2\^31-1$/
        const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
        const before = timers()
        await rejectsWith(session.shutdown({ timeouts }), 'INVALID_ARGUMENT', message)
        await rejectsWith(session.restart({ timeouts }), 'INVALID_ARGUMENT', message)
        assert.equal(timers(), before)
        await nothingLost()
      })
    }

    for (const atLeast of [-1, 1.5, NaN, Infinity, '1']) {
      it(`a number of participants that is ${String(atLeast)} (${typeof atLeast})`, async () => {
        const waiting = session.waitForParticipants({ atLeast: atLeast as number })
        await rejectsWith(waiting, 'INVALID_ARGUMENT', /^atLeast is .*; wanted a whole number from 0$/)
      })
    }

    for (const timeoutMs of [-1, NaN, '5']) {
      it(`a time to wait for participants that is ${String(timeoutMs)} (${typeof timeoutMs})`, async () => {
        const waiting = session.waitForParticipants({
          atLeast: 1,
          timeoutMs: timeoutMs as number,
          signal: AbortSignal.timeout(1000),
        })
        await rejectsWith(waiting, 'INVALID_ARGUMENT', /timeoutMs is .*; wanted/)
      })
    }

    it('a filter that names no target, several, or no action', async () => {
      const { filters } = session
      const one = /^A filter names exactly one of executable, process, service$/
      await rejectsWith(filters.add({} as never, 'no-restart'), 'INVALID_ARGUMENT', one)
      await rejectsWith(filters.add({ service: 'x', executable: '/x' }, 'no-restart'), 'INVALID_ARGUMENT', one)
      const action = /^Not a filter action: "never"; known are no-restart, no-shutdown$/
      await rejectsWith(filters.add({ service: 'x' }, 'never' as never), 'INVALID_ARGUMENT', action)
      await rejectsWith(
        filters.add({ executable: 'x' }, 'no-restart'),
        'INVALID_ARGUMENT',
        /^Not an absolute path: "x"$/,
      )
      await rejectsWith(filters.add({ service: 'a b' }, 'no-restart'), 'INVALID_ARGUMENT', /^Not the name of a service/)
      const pid = { process: { pid: 0, startTime: 1n } }
      await rejectsWith(
        filters.add(pid, 'no-restart'),
        'INVALID_ARGUMENT',
        /by its identity; take it from identifyProcess/,
      )
      await rejectsWith(filters.remove({ service: 'x' }), 'FILTER_NOT_FOUND', /^No filter for the service x.service$/)
      assert.deepEqual(await filters.list(), [])
    })
  })

  describe('roles', () => {
    it('a secondary decides nothing', async () => {
      await using installer = await startInstaller()
      await installer.tell('join', session.key)
      for (const verb of ['shutdown', 'restart', 'cancel', 'participants', 'summary', 'waitForParticipants']) {
        const message = new RegExp(`^Only the primary may do this: ${verb}$`)
        await rejectsWith(installer.tell(verb), 'NOT_PRIMARY', message)
      }
      await using here = await joinSession(session.key)
      const { filters } = here as unknown as PrimarySession
      for (const [verb, attempt] of Object.entries({
        add: filters.add({ service: 'x' }, 'no-restart'),
        remove: filters.remove({ service: 'x' }),
        list: filters.list(),
      })) {
        const error = await rejectsWith(
          attempt,
          'NOT_PRIMARY',
          new RegExp(`^Only the primary may do this: filters.${verb}$`),
        )
        assert.equal(error.win32, 1219)
      }
      assert.deepEqual(await session.filters.list(), [])
      await nothingLost()
    })

    it('an ended session does nothing', async () => {
      const ended = await startSession()
      await ended.register({ files: [folder.path('used')] })
      await ended.end()
      const message = /^The session has ended$/
      for (const attempt of [
        () => ended.register({ files: [folder.path('used')] }),
        () => ended.list(),
        () => ended.finished(),
        () => ended.participants(),
        () => ended.summary(),
        () => ended.waitForParticipants(),
        () => ended.shutdown(),
        () => ended.restart(),
        () => ended.cancel(),
        () => ended.filters.add({ service: 'x' }, 'no-restart'),
        () => ended.filters.remove({ service: 'x' }),
        () => ended.filters.list(),
        () => ended.end(),
      ]) {
        const error = await rejectsWith(attempt(), 'INVALID_SESSION', message)
        assert.equal(error.win32, 6, String(attempt))
      }
      await ended[Symbol.asyncDispose]()
      await nothingLost()
    })

    it('a restart before any shutdown is out of sequence', async () => {
      const error = await rejectsWith(
        session.restart(),
        'OUT_OF_SEQUENCE',
        /^Nothing to restart: shutdown has not been called/,
      )
      assert.equal(error.win32, 776)
      await nothingLost()
    })
  })
})

/** Why no process can be started as another user; false where it can. */
function otherUserObstacle(): string | false {
  if (process.geteuid?.() !== 0) return 'needs root, to be another user'
  const installer = fileURLToPath(new URL('../fixtures/installer.ts', import.meta.url))
  const as = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']
  const { error, status, stderr } = spawnSync('setpriv', [...as, process.execPath, '--check', installer], {
    encoding: 'utf8',
  })
  if (error) return `needs setpriv: ${error.message}`
  return status === 0 ? false : `needs a repository that user ${nobody} can read: ${stderr.trim()}`
}

async function fails(promise: Promise<unknown>): Promise<RestartManagerError> {
  return promise.then(
    () => assert.fail('did not reject'),
    (reason: unknown) => reason as RestartManagerError,
  )
}

async function rejectsWith(promise: Promise<unknown>, code: string, message: RegExp): Promise<RestartManagerError> {
  const error = await fails(promise)
  assert.equal(error.code, code, error.message)
  assert.match(error.message, message)
  return error
}
