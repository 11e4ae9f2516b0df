import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { maximumSessions, type ApplicationStatus } from '../../src/model/index.ts'
import { anApplication, newSession, sleeper, storeFolder, withCode } from '../fixtures/store-folder.ts'
import { startProgram } from '../fixtures/store-process.ts'

describe('The sessions of a user', () => {
  it(`are at most ${maximumSessions} live ones, also for callers at the same time`, async (t) => {
    const { store } = storeFolder(t)
    const results = await Promise.allSettled(Array.from({ length: maximumSessions + 6 }, () => newSession(store)))
    const refused = results.filter((result) => result.status === 'rejected')
    assert.deepEqual(
      refused.map(({ reason }) => (reason as { code: string }).code),
      Array.from({ length: 6 }, () => 'TOO_MANY_SESSIONS'),
    )
    assert.equal((await store.list()).length, maximumSessions)
    const made = results.find((result) => result.status === 'fulfilled')
    await made?.value.session.destroy()
    await newSession(store)
    await assert.rejects(newSession(store), withCode('TOO_MANY_SESSIONS'))
  })

  it('do not count when their owner was killed: it is abandoned, and removed at the next create', async (t) => {
    const { directory, store } = storeFolder(t)
    const creator = startProgram(t, 'store-creator.ts', [directory])
    const key = await creator.firstLine
    const opened = await store.open(key)
    assert.equal((await opened.summary()).state, 'open')
    for (let count = 1; count < maximumSessions; count++) await newSession(store)
    await assert.rejects(newSession(store), withCode('TOO_MANY_SESSIONS'))
    await creator.kill()
    const [first] = await store.list()
    assert.deepEqual([first?.id, first?.state, first?.participants[0]?.state], [opened.id, 'abandoned', 'died'])
    await newSession(store)
    await assert.rejects(opened.summary(), withCode('INVALID_SESSION'))
    await assert.rejects(store.open(key), withCode('SESSION_KEY_INVALID'))
    assert.equal((await store.list()).length, maximumSessions)
  })

  it('stay when their owner has ended and something is stopped', async (t) => {
    const { store } = storeFolder(t)
    const owner = sleeper(t)
    const histories: [name: string, status: ApplicationStatus[], stays: boolean][] = [
      ['stopped', ['running', 'stopped'], true],
      ['did not come back', ['stopped', 'error-on-restart'], true],
      ['came back', ['stopped', 'restarted'], false],
      ['ended after its time', ['running', 'error-on-stop'], true],
      ['not stopped', ['running', 'error-on-stop', 'running'], false],
      ['only listed', ['running'], false],
    ]
    const made = []
    for (const [name, status, stays] of histories) {
      const { key, session } = await newSession(store, owner.identity)
      await session.addApplications([{ application: anApplication(name), status, restartRecord: null }])
      made.push({ key, id: session.id, name, stays })
    }
    await owner.kill()
    const live = await newSession(store)
    const listed = (await store.list()).map(({ id, state, stopped }) => [id, state, stopped])
    const staying = made.filter(({ stays }) => stays)
    assert.deepEqual(listed, [
      ...staying.map(({ id, name }) => [id, 'abandoned', [name]]),
      [live.session.id, 'open', []],
    ])
    for (const { key } of staying) (await store.open(key)).close()
  })

  it('stay when their owner was killed between stopping an application and writing that down', async (t) => {
    const { store } = storeFolder(t)
    const owner = sleeper(t)
    const { session } = await newSession(store, owner.identity)
    await session.changeState(['open'], 'stopping', owner.identity)
    await session.addApplications([{ application: anApplication('perhaps'), status: ['running'], restartRecord: null }])
    await owner.kill()
    await newSession(store)
    assert.equal((await session.summary()).state, 'abandoned')
    assert.equal(await session.changeState(['stopped'], 'restarting'), true)
  })

  it('stay when their owner was killed while it started an application, and that may yet have come to nothing', async (t) => {
    const { store } = storeFolder(t)
    const [owner, made] = [sleeper(t), sleeper(t)]
    const { session } = await newSession(store, owner.identity)
    const application = anApplication('perhaps')
    const [id = 0] = await session.addApplications([{ application, status: ['stopped'], restartRecord: null }])
    await session.setMade(id, made.identity)
    await owner.kill()
    await newSession(store)
    assert.equal((await session.summary()).state, 'abandoned')
  })

  it('are not those of an earlier boot', async (t) => {
    const { sessions, store } = storeFolder(t)
    const { key, session } = await newSession(store)
    await session.addApplications([{ application: anApplication('x'), status: ['stopped'], restartRecord: null }])
    session.close()
    const database = new DatabaseSync(join(sessions, `${session.id}.db`))
    database.exec(`UPDATE session SET boot_id = '00000000-0000-0000-0000-000000000000'`)
    database.close()
    assert.deepEqual(await store.list(), [])
    await assert.rejects(store.open(key), withCode('SESSION_KEY_INVALID'))
    const next = await newSession(store)
    assert.deepEqual(readdirSync(sessions).sort(), [`${next.session.id}.db`, 'lock.db'].sort())
  })

  it('are not what a killed maker left unfinished or a killed destroyer left ended', async (t) => {
    const { sessions, store } = storeFolder(t)
    const { key, session } = await newSession(store)
    const database = new DatabaseSync(join(sessions, `${session.id}.db`))
    database.exec('UPDATE session SET ended = 1')
    database.close()
    await assert.rejects(session.state(), withCode('INVALID_SESSION'))
    await assert.rejects(session.requestCancel(), withCode('INVALID_SESSION'))
    writeFileSync(join(sessions, '0123456789abcdef.db'), '', { mode: 0o600 })
    assert.deepEqual(await store.list(), [])
    await assert.rejects(store.open(key), withCode('SESSION_KEY_INVALID'))
    const next = await newSession(store)
    assert.deepEqual(readdirSync(sessions).sort(), [`${next.session.id}.db`, 'lock.db'].sort())
  })
})
