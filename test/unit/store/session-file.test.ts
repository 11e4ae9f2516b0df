import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { newSession, storeFolder, withCode } from '../../fixtures/store-folder.ts'

describe('A session file', () => {
  it('is made at the first create, for its user alone, and goes with the session', async (t) => {
    const { directory, sessions, store } = storeFolder(t)
    await store.list()
    assert.equal(existsSync(directory), false)
    const { session } = await newSession(store)
    assert.deepEqual(readdirSync(sessions), [`${session.id}.db`, 'lock.db'].sort())
    for (const name of readdirSync(sessions)) assert.equal(statSync(join(sessions, name)).mode & 0o7777, 0o600)
    for (const path of [directory, sessions]) assert.equal(statSync(path).mode & 0o7777, 0o700)
    await session.destroy()
    assert.deepEqual(readdirSync(sessions), ['lock.db'])
  })

  it('does not hold the key', async (t) => {
    const { sessions, store } = storeFolder(t)
    const { key, session } = await newSession(store)
    session.close()
    const content = readFileSync(join(sessions, `${session.id}.db`))
    assert.equal(content.includes(key), false)
    assert.equal(content.includes(Buffer.from(key, 'hex')), false)
  })

  it('is found out where somebody has changed what is at its path', async (t) => {
    const changes: Record<string, (path: string) => void> = {
      'a symbolic link': (path) => {
        renameSync(path, `${path}.moved`)
        symlinkSync(`${path}.moved`, path)
      },
      'a second link': (path) => linkSync(path, `${path}.linked`),
      'open to others': (path) => chmodSync(path, 0o644),
      'a directory': (path) => {
        rmSync(path)
        mkdirSync(path, { mode: 0o700 })
      },
      'no database': (path) => writeFileSync(path, 'x'.repeat(5000)),
      'cut off': (path) => truncateSync(path, 5000),
    }
    for (const [name, change] of Object.entries(changes)) {
      const { sessions, store } = storeFolder(t)
      const { key, session } = await newSession(store)
      session.close()
      const path = join(sessions, `${session.id}.db`)
      change(path)
      await assert.rejects(store.open(key), withCode('STORE_FAILED'), name)
      await assert.rejects(store.list(), { ...withCode('STORE_FAILED'), message: new RegExp(session.id) }, name)
      await newSession(store)
      assert.ok(lstatSync(path), `${name} is left for its user to look at`)
    }
  })

  it('of another key is not accepted under this name', async (t) => {
    const { sessions, store } = storeFolder(t)
    const [one, other] = [await newSession(store), await newSession(store)]
    one.session.close()
    copyFileSync(join(sessions, `${other.session.id}.db`), join(sessions, `${one.session.id}.db`))
    await assert.rejects(store.open(one.key), withCode('SESSION_KEY_INVALID'))
  })

  it('of another version is not touched', async (t) => {
    const { sessions, store } = storeFolder(t)
    const { key, session } = await newSession(store)
    session.close()
    const database = new DatabaseSync(join(sessions, `${session.id}.db`))
    database.exec('PRAGMA user_version = 99')
    database.close()
    await assert.rejects(store.open(key), { ...withCode('STORE_FAILED'), message: /format 99, format 3 was wanted/ })
    await newSession(store)
    assert.ok(readdirSync(sessions).includes(`${session.id}.db`))
  })

  it('that is corrupted while it is open fails as a store, not as a session', async (t) => {
    const { sessions, store } = storeFolder(t)
    const { session } = await newSession(store)
    writeFileSync(join(sessions, `${session.id}.db`), Buffer.alloc(40_000, 'x'))
    await assert.rejects(session.summary(), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'STORE_FAILED')
      assert.ok(error.cause instanceof Error)
      return true
    })
    session.close()
  })

  it('that is removed or replaced while it is open has ended', async (t) => {
    const { sessions, store } = storeFolder(t)
    const [removed, replaced] = [await newSession(store), await newSession(store)]
    rmSync(join(sessions, `${removed.session.id}.db`))
    await assert.rejects(removed.session.requestCancel(), withCode('INVALID_SESSION'))
    await assert.rejects(removed.session.state(), withCode('INVALID_SESSION'))
    const path = join(sessions, `${replaced.session.id}.db`)
    copyFileSync(path, `${path}.copy`)
    renameSync(`${path}.copy`, path)
    await assert.rejects(replaced.session.requestCancel(), withCode('INVALID_SESSION'))
    for (const { session } of [removed, replaced]) session.close()
  })

  it(
    'of another user is an unknown session',
    { skip: process.geteuid?.() !== 0 && 'needs root, to give a file away' },
    async (t) => {
      const { directory, sessions, store } = storeFolder(t)
      const { key, session } = await newSession(store)
      session.close()
      for (const path of [join(sessions, `${session.id}.db`), sessions, directory]) {
        chownSync(path, 65_534, 65_534)
        await assert.rejects(store.open(key), withCode('SESSION_KEY_INVALID'))
        await assert.rejects(store.list(), withCode('STORE_FAILED'))
        if (path === directory) await assert.rejects(newSession(store), withCode('STORE_FAILED'))
        chownSync(path, 0, 0)
      }
      ;(await store.open(key)).close()
    },
  )
})
