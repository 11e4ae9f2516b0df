import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createSqliteStore } from '../../src/store/index.ts'
import { newSession, storeFolder, withCode } from '../fixtures/store-folder.ts'
import { startProgram } from '../fixtures/store-process.ts'

describe('A store that another process has locked', () => {
  it('is busy after the timeout for who writes; who reads goes on', async (t) => {
    const { directory, sessions, store } = storeFolder(t, 200)
    const { key, session } = await newSession(store)
    const holder = startProgram(t, 'store-lock-holder.ts', [join(sessions, `${session.id}.db`)])
    await holder.firstLine
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    t.after(() => clearInterval(timer))
    const start = performance.now()
    await assert.rejects(session.requestCancel(), withCode('STORE_BUSY'))
    const waited = performance.now() - start
    assert.ok(waited >= 200 && waited < 2000, `waited ${waited} ms`)
    assert.ok(turns >= 5, 'the event loop goes on while it waits')
    assert.equal(await session.cancelRequested(), false)
    assert.equal((await store.list()).length, 1)
    ;(await store.open(key)).close()
    assert.ok(await newSession(store), `other sessions in ${directory} are not locked`)
  })

  it('is free again when the process that had it was killed', async (t) => {
    const { sessions, store } = storeFolder(t)
    const { session } = await newSession(store)
    await session.changeState(['open'], 'stopping')
    const holder = startProgram(t, 'store-lock-holder.ts', [join(sessions, `${session.id}.db`)])
    await holder.firstLine
    const cancelled = session.requestCancel()
    await holder.kill()
    await cancelled
    assert.equal(await session.cancelRequested(), true)
  })

  it('makes no session while another process makes one, and makes it when that was killed', async (t) => {
    const { sessions, directory, store } = storeFolder(t)
    await newSession(store)
    const holder = startProgram(t, 'store-lock-holder.ts', [join(sessions, 'lock.db')])
    await holder.firstLine
    await assert.rejects(newSession(createSqliteStore({ directory, lockTimeoutMs: 100 })), withCode('STORE_BUSY'))
    assert.equal((await store.list()).length, 1)
    const made = newSession(store)
    await holder.kill()
    await made
    assert.equal((await store.list()).length, 2)
  })
})
