import assert from 'node:assert/strict'
import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { OperationError, startSession, type ApplicationResult, type PrimarySession } from '../../src/index.ts'
import { isRunning } from '../../src/linux/process-stat.ts'
import { processManager } from '../../src/processes/index.ts'
import { until } from '../support/application.ts'
import { startProgram, type Fixture, type FixtureOptions } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'
import { startTakingPart } from '../support/taking-part.ts'

const nobody = 65534
const isRoot = process.getuid?.() === 0
const needsRoot = isRoot ? false : 'needs root, to be asked by another user'
const program = join(import.meta.dirname, '../fixtures/hostile-socket.py')
/** As another user where that can be. */
const options: FixtureOptions = isRoot ? { user: nobody } : {}

describe('what an installer is told by programs of others', () => {
  let folder: Folder
  let theirs: string
  let session: PrimarySession

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    theirs = folder.directory('theirs')
    if (isRoot) folder.give(theirs, nobody)
    session = await startSession()
  })
  afterEach(async () => {
    await session.end().catch(() => undefined)
    folder[Symbol.dispose]()
  })

  const environment = () => ({ RESTART_MANAGER_RUNTIME_DIR: theirs })
  const fileOf = (kind: string) => join(theirs, `${kind}.dat`)
  const heard = (kind: string) => readFileSync(`${fileOf(kind)}.heard`, 'utf8')

  async function startHostile(kind: string, pid?: number, state = theirs): Promise<Fixture> {
    const file = folder.write(`theirs/${kind}.dat`, '')
    const command = ['python3', program, file, kind, ...(pid === undefined ? [] : [String(pid)])]
    const fixture = startProgram(command, { ...options, environment: { RESTART_MANAGER_RUNTIME_DIR: state } })
    await until(`${kind} is there`, () => {
      const { stdout } = (fixture as unknown as { child: { stdout: { read(): unknown } } }).child
      return stdout.read() !== null
    })
    return fixture
  }

  async function failure(timeouts: { queryMs: number; applicationMs?: number }): Promise<ApplicationResult[]> {
    const error = await session.shutdown({ timeouts }).then(
      () => assert.fail('nobody refused'),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof OperationError, String(error))
    return (error.result as { applications: ApplicationResult[] }).applications
  }

  it('is bounded in time and memory, and agrees to nothing that was not said', async () => {
    const kinds = {
      garbage: /could not be understood/,
      'another-version': /could not be understood/,
      'no-answer': /could not be understood/,
      closes: /could not be understood/,
      'endless-line': /could not be understood/,
      drips: /did not answer within 3 s/,
      deaf: /did not answer within 3 s/,
      full: /could not be asked whether it may be ended: EAGAIN/,
      'long-reason': /^it refused to end: x{200}$/,
    }
    const fixtures = await Promise.all(Object.keys(kinds).map((kind) => startHostile(kind)))
    try {
      await session.register({ files: Object.keys(kinds).map(fileOf) })
      const before = process.memoryUsage().rss
      const started = performance.now()
      const rows = await failure({ queryMs: 3000 })
      const [took, grown] = [performance.now() - started, process.memoryUsage().rss - before]
      assert.ok(took < 6000, `${took} ms`)
      assert.ok(grown < 64 * 1024 * 1024, `${grown} bytes`)
      for (const [kind, error] of Object.entries(kinds)) {
        const row = rows.find(({ application }) => application.command.includes(kind))
        assert.match(String(row?.error), error, kind)
      }
      for (const fixture of fixtures) assert.ok(isRunning(fixture.process))
    } finally {
      await Promise.all(fixtures.map((fixture) => fixture.stop()))
    }
  })

  it('makes nobody wait longer than it may take to end', async () => {
    await using hostile = await startHostile('endless-lines')
    await session.register({ files: [fileOf('endless-lines')] })
    const started = performance.now()
    const { applications } = await session.shutdown({ force: true, timeouts: { queryMs: 1000, applicationMs: 1000 } })
    assert.ok(performance.now() - started < 4500)
    assert.deepEqual(
      applications.map(({ outcome, forced, refusal }) => [outcome, forced, refusal]),
      [['stopped', true, undefined]],
    )
    assert.ok(hostile.pid > 0)
  })

  it('comes from the process itself: nobody answers for another', async () => {
    await using victim = await startTakingPart(folder, 'victim', 'unregistered', {
      ...options,
      environment: environment(),
    })
    await using liar = await startHostile('agrees', victim.process.pid)
    await session.register({ files: [victim.file] })
    await session.shutdown()
    assert.equal(heard('agrees'), '')
    assert.equal(isRunning(victim.process), false)
    assert.ok(isRunning(liar.process))
  })

  it('is not looked for where names mean another thing to each', { skip: needsRoot }, async () => {
    await using hostile = await startHostile('garbage', undefined, `/proc/self/root${theirs}`)
    await session.register({ files: [fileOf('garbage')] })
    await session.shutdown({ force: true, timeouts: { applicationMs: 300 } })
    assert.equal(heard('garbage'), '')
    assert.ok(hostile.pid > 0)
  })

  it('is not looked for behind symbolic links', async () => {
    await using linking = await startHostile('link')
    await session.register({ files: [fileOf('link')] })
    await session.shutdown({ force: true, timeouts: { applicationMs: 300 } })
    assert.equal(heard('link'), '')
    assert.ok(linking.pid > 0)
  })

  it(
    'does not come through a directory of another user, or one that others may enter',
    { skip: needsRoot },
    async () => {
      await using victim = await startTakingPart(folder, 'victim', 'unregistered', {
        ...options,
        environment: environment(),
      })
      const { pid, startTime } = victim.process
      // Root's own socket, in a directory that is root's; and in the user's directory, which is open to others.
      const foreign = join(folder.state, 'applications')
      mkdirSync(foreign, { recursive: true, mode: 0o700 })
      const open = join(theirs, 'applications')
      mkdirSync(open)
      let asked = 0
      const names = [foreign, open].map((at) => join(at, `${pid}-${startTime}-0.socket`))
      const servers = names.map((name) => createServer(() => (asked += 1)).listen(name))
      try {
        await until('they listen', () => servers.every((server) => server.listening))
        for (const path of [open, ...names]) chownSync(path, nobody, nobody)
        chmodSync(open, 0o755)
        await session.register({ files: [victim.file] })
        await session.shutdown()
        assert.equal(asked, 0)
      } finally {
        for (const server of servers) server.close()
      }
    },
  )

  it('reaches root from a user, who is asked and told like everybody', { skip: needsRoot }, async () => {
    await using editor = await startTakingPart(folder, 'editor', 'refuses', { ...options, environment: environment() })
    await using player = await startTakingPart(folder, 'player', 'agrees', { ...options, environment: environment() })
    await session.register({ files: [editor.file, player.file] })
    const rows = await failure({ queryMs: 5000 })
    assert.deepEqual(rows.map(({ error }) => error).sort(), ['it refused to end', null].sort())
    await player.notes('stays')
    const { applications } = await session.shutdown({ force: true })
    assert.deepEqual(
      applications.map(({ outcome, forced }) => [outcome, forced]),
      [
        ['stopped', false],
        ['stopped', false],
      ],
    )
    assert.deepEqual(player.log(), ['asked close-app', 'stays', 'asked close-app', 'saved'])
  })

  it('is for the process that was listed, not for one that has its pid now', async () => {
    await using other = await startTakingPart(folder, 'other')
    const earlier = { pid: other.process.pid, startTime: other.process.startTime - 1n }
    const signal = new AbortController().signal
    assert.equal(await processManager.query(earlier, { timeoutMs: 1000, signal }), null)
    assert.deepEqual(other.log(), [])
    const conversation = await processManager.query(other.process, { timeoutMs: 1000, signal })
    assert.equal(conversation?.refusal, null)
    conversation.stay()
    await other.notes('stays')
  })
})
