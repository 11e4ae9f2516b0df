import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  joinSession,
  listSessions,
  startSession,
  type Participant,
  type PrimarySession,
  type SessionSummary,
} from '../../src/index.ts'
import { maximumSessions } from '../../src/model/index.ts'
import { identifyProcess } from '../../src/processes/index.ts'
import { startInstaller } from '../fixtures/installer-process.ts'
import { withCode } from '../fixtures/store-folder.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

describe('sessions', () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  it('have a primary and secondaries, also in one process', async () => {
    await using primary = await startSession()
    const secondary = await joinSession(primary.key)
    assert.deepEqual([primary.role, secondary.role, secondary.key], ['primary', 'secondary', primary.key])
    assert.match(primary.key, /^[0-9a-f]{32}$/)
    await using user = await startFixture('opens-a-file', [folder.write('a', '')])
    await secondary.register({ files: [folder.path('a')] })
    for (const session of [primary, secondary]) {
      const { applications, rebootReasons } = await session.list()
      assert.deepEqual(
        applications.map((one) => one.process.pid),
        [user.pid],
      )
      assert.deepEqual(rebootReasons, [])
    }
    await secondary.end()
    assert.deepEqual(states(await primary.participants()), ['primary registering', 'secondary left'])
    await assert.rejects(secondary.register({ files: ['/b'] }), withCode('INVALID_SESSION'))
    assert.equal((await primary.list()).applications.length, 1)
  })

  it('are joined with the key in capitals, too', async () => {
    await using primary = await startSession()
    await using secondary = await joinSession(primary.key.toUpperCase())
    assert.equal(secondary.role, 'secondary')
  })

  it('go on when a secondary of another process ends, and end for all with the primary', async () => {
    await using installer = await startInstaller()
    await using other = await startInstaller()
    const primary = await startSession()
    for (const one of [installer, other]) assert.equal(await one.tell('join', primary.key), 'secondary')
    await installer.tell('register', { files: ['/not/there'] })
    await installer.tell('end')
    await assert.rejects(installer.tell('register', { files: ['/x'] }), { code: 'INVALID_SESSION' })
    assert.deepEqual(states(await primary.participants()), [
      'primary registering',
      'secondary left',
      'secondary registering',
    ])
    assert.deepEqual((await primary.summary()).resources, { files: 1, directories: 0, processes: 0, services: 0 })
    await primary.end()
    for (const verb of ['list', 'finished', 'end']) {
      await assert.rejects(other.tell(verb), { code: 'INVALID_SESSION', message: 'The session has ended' }, verb)
    }
    await assert.rejects(other.tell('join', primary.key), { code: 'SESSION_KEY_INVALID' })
    assert.deepEqual(await listSessions(), [])
  })

  it('are left by an installer that is killed, which then has died', async () => {
    await using primary = await startSession()
    const installer = await startInstaller()
    await installer.tell('join', primary.key)
    await installer.tell('register', { files: ['/not/there'] })
    await installer.kill()
    assert.deepEqual(states(await primary.participants()), ['primary registering', 'secondary died'])
    assert.equal((await primary.summary()).resources.files, 1)
  })

  it(`are ${maximumSessions} at most; when one has ended the next is welcome`, async () => {
    const sessions: PrimarySession[] = []
    for (let count = 0; count < maximumSessions; count++) sessions.push(await startSession())
    await assert.rejects(startSession(), {
      code: 'TOO_MANY_SESSIONS',
      win32: 353,
      message: 'Cannot start a session: this user has 64 live ones, 64 at most',
      hint: /restartctl sessions/,
    })
    assert.equal((await listSessions()).length, maximumSessions)
    await sessions[17]?.end()
    sessions.push(await startSession())
    await assert.rejects(startSession(), withCode('TOO_MANY_SESSIONS'))
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()))
    assert.deepEqual(await listSessions(), [])
  })

  it('are abandoned when their owner is killed; others see that, and their place is used again', async () => {
    const owner = await startInstaller()
    const key = (await owner.tell('start')) as string
    await owner.tell('register', { files: ['/not/there'], processes: [process.pid] })
    const [before] = await listSessions()
    assert.deepEqual([before?.state, before?.owner], ['open', owner.process])
    await using secondary = await joinSession(key)
    await owner.kill()
    const [after] = (await listSessions()) as [SessionSummary]
    assert.equal(after.state, 'abandoned')
    assert.equal(after.id, before?.id)
    assert.deepEqual(after.resources, { files: 1, directories: 0, processes: 1, services: 0 })
    assert.deepEqual(states(after.participants), ['primary died', 'secondary registering'])
    await assert.rejects(joinSession(key), {
      code: 'INVALID_SESSION',
      message: `The session is abandoned: its owner, process ${owner.process.pid}, has ended`,
    })
    const sessions: PrimarySession[] = []
    for (let count = 0; count < maximumSessions; count++) sessions.push(await startSession())
    assert.ok((await listSessions()).every(({ id, state }) => id !== after.id && state === 'open'))
    await assert.rejects(secondary.list(), withCode('INVALID_SESSION'))
    await Promise.all(sessions.map((session) => session.end()))
  })

  it('may be owned by another process, and end with that', async () => {
    const owner = await startFixture('opens-a-file', [folder.write('a', '')])
    await using session = await startSession({ owner: owner.process })
    assert.deepEqual((await session.summary()).owner, owner.process)
    await owner.stop()
    assert.equal((await session.summary()).state, 'abandoned')
  })

  it('say who of the participants is registering, has finished, has left, has died', async () => {
    await using primary = await startSession()
    await using finished = await startInstaller()
    await using left = await startInstaller()
    await using registering = await startInstaller()
    const died = await startInstaller()
    for (const one of [finished, left, registering, died]) await one.tell('join', primary.key)
    await finished.tell('finished')
    await left.tell('end')
    await died.kill()
    await primary.finished()
    const participants = await primary.participants()
    assert.deepEqual(states(participants), [
      'primary finished',
      'secondary finished',
      'secondary left',
      'secondary registering',
      'secondary died',
    ])
    assert.deepEqual(
      participants.map((one) => one.process),
      [identifyProcess(process.pid), finished.process, left.process, registering.process, died.process],
    )
    for (const { joinedAt } of participants) assert.equal(new Date(joinedAt).toISOString(), joinedAt)
    await finished.tell('register', { files: ['/not/there'] })
    assert.equal((await primary.participants())[1]?.state, 'registering')
  })

  it('are added to by every call, also with what is there', async () => {
    await using session = await startSession()
    await using user = await startFixture('opens-a-file', [folder.write('a', '')])
    const path = folder.path('a')
    await session.register({ files: [path, path] })
    await session.register({ files: [path], processes: [user.pid] })
    await session.register({ processes: [user.process], directories: [folder.directory('b')] })
    const { resources } = await session.summary()
    assert.deepEqual(resources, { files: 1, directories: 1, processes: 1, services: 0 })
    const { applications } = await session.list()
    assert.deepEqual(
      applications.map((one) => one.process),
      [user.process],
    )
  })

  it('keep the version of a file that was there at the first registration', async () => {
    await using session = await startSession()
    await using user = await startFixture('opens-a-file', [folder.write('a', 'old')])
    await session.register({ files: [folder.path('a')] })
    folder.replace(folder.path('a'), 'new')
    await session.register({ files: [folder.path('a')] })
    const [application] = (await session.list()).applications
    assert.deepEqual(
      application?.uses.map(({ path, as, replaced }) => [path, as, replaced]),
      [[folder.path('a'), 'open', true]],
    )
    assert.equal(application.process.pid, user.pid)
  })

  it('take in what many processes register at the same time', async () => {
    await using primary = await startSession()
    const installers = await Promise.all(Array.from({ length: 3 }, () => startInstaller()))
    const files = installers.map((_, number) =>
      Array.from({ length: 40 }, (__, file) => `/not/there/${number}/${file}`),
    )
    await Promise.all(
      installers.map(async (installer, number) => {
        await installer.tell('join', primary.key)
        for (const file of files[number] ?? []) await installer.tell('register', { files: [file, '/not/there/all'] })
        await installer.tell('finished')
      }),
    )
    await primary.waitForParticipants({ atLeast: 3, timeoutMs: 0 })
    assert.equal((await primary.summary()).resources.files, 3 * 40 + 1)
    await Promise.all(installers.map((installer) => installer[Symbol.asyncDispose]()))
  })

  it('are listed without their key, to the owner as to others', async () => {
    await using session = await startSession()
    await using installer = await startInstaller()
    await installer.tell('join', session.key)
    for (const listed of [await listSessions(), await installer.tell('sessions'), [await session.summary()]]) {
      const text = JSON.stringify(listed, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
      assert.match(text, /"participants"/)
      assert.doesNotMatch(text, new RegExp(session.key, 'i'))
      assert.doesNotMatch(text, /"key/)
    }
    const [summary] = (await listSessions()) as [SessionSummary]
    assert.match(summary.id, /^[0-9a-f]{16}$/)
    assert.ok(!session.key.includes(summary.id))
    await assert.rejects(joinSession(summary.id.repeat(2)), withCode('SESSION_KEY_INVALID'))
  })

  it('are listed oldest first, those of all processes of the user', async () => {
    await using first = await startSession()
    await using installer = await startInstaller()
    await installer.tell('start')
    await using third = await startSession()
    const owners = (await listSessions()).map(({ owner }) => owner.pid)
    assert.deepEqual(owners, [process.pid, installer.process.pid, process.pid])
    assert.notEqual(first.key, third.key)
    await installer.tell('end')
    assert.equal((await listSessions()).length, 2)
  })

  describe('wait for their participants', () => {
    it('not at all where none is wanted and none is registering', async () => {
      await using session = await startSession()
      await session.waitForParticipants({ timeoutMs: 0 })
      await session.waitForParticipants()
    })

    it('until so many have joined and all have finished', async () => {
      await using session = await startSession()
      await using one = await startInstaller()
      await using two = await startInstaller()
      const waiting = watched(session.waitForParticipants({ atLeast: 2 }))
      await one.tell('join', session.key)
      await one.tell('finished')
      await rejectsInTime(session.waitForParticipants({ atLeast: 2, timeoutMs: 0 }), /1 of 2 secondaries have joined$/)
      await two.tell('join', session.key)
      await rejectsInTime(
        session.waitForParticipants({ atLeast: 2, timeoutMs: 120 }),
        new RegExp(`after 0.12 s: not finished: process ${two.process.pid}$`),
      )
      assert.equal(waiting.settled(), false)
      await two.tell('finished')
      await waiting.promise
    })

    it('and count those that left or died as done', async () => {
      await using session = await startSession()
      await using leaving = await startInstaller()
      const dying = await startInstaller()
      await leaving.tell('join', session.key)
      await dying.tell('join', session.key)
      const waiting = watched(session.waitForParticipants({ atLeast: 2 }))
      await leaving.tell('end')
      await rejectsInTime(session.waitForParticipants({ timeoutMs: 60 }), new RegExp(String(dying.process.pid)))
      assert.equal(waiting.settled(), false)
      await dying.kill()
      await waiting.promise
    })

    it('until they are told to stop waiting', async () => {
      await using session = await startSession()
      const controller = new AbortController()
      const waiting = session.waitForParticipants({ atLeast: 1, signal: controller.signal })
      controller.abort()
      await rejectsInTime(waiting, /^Cancelled while waiting for participants$/)
      const aborted = { atLeast: 1, signal: AbortSignal.abort() }
      await rejectsInTime(session.waitForParticipants(aborted), /^Cancelled/)
    })

    it('until the session ends', async () => {
      await using installer = await startInstaller()
      const key = (await installer.tell('start')) as string
      await using session = await startSession()
      const waiting = session.waitForParticipants({ atLeast: 1 })
      await session.end()
      await assert.rejects(waiting, withCode('INVALID_SESSION'))
      assert.notEqual(key, session.key)
    })

    it('anew after a shutdown, when those that had finished change their files', async () => {
      await using session = await startSession()
      await using installer = await startInstaller()
      await installer.tell('join', session.key)
      await installer.tell('register', { files: ['/not/there'] })
      await installer.tell('finished')
      await session.waitForParticipants({ atLeast: 1 })
      await session.shutdown()
      await rejectsInTime(session.waitForParticipants({ timeoutMs: 0 }), /not finished/)
      await installer.tell('finished')
      await session.waitForParticipants()
    })
  })
})

function states(participants: Participant[]): string[] {
  return participants.map(({ role, state }) => `${role} ${state}`)
}

/** A promise and whether it has settled. */
function watched(promise: Promise<void>): { promise: Promise<void>; settled: () => boolean } {
  let settled = false
  const done = () => void (settled = true)
  promise.then(done, done)
  return { promise, settled: () => settled }
}

async function rejectsInTime(promise: Promise<void>, message: RegExp): Promise<void> {
  await assert.rejects(promise, { code: 'CANCELLED', message })
}
