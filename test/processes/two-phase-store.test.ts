import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { startSession, type PrimarySession } from '../../src/index.ts'
import { isRunning } from '../../src/linux/process-stat.ts'
import { Folder } from '../support/folder.ts'
import { startTakingPart } from '../support/taking-part.ts'

describe('applications that have agreed to be ended', () => {
  let folder: Folder
  let session: PrimarySession

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    session = await startSession()
  })
  afterEach(async () => {
    await session.end().catch(() => undefined)
    folder[Symbol.dispose]()
  })

  it('are told to stay where what would be stopped cannot be written down', async () => {
    await using willing = await startTakingPart(folder, 'willing')
    await using late = await startTakingPart(folder, 'late', 'answers-late')
    await session.register({ files: [willing.file, late.file] })
    const shutdown = session.shutdown()
    const failure = assert.rejects(shutdown, { code: 'STORE_FAILED' })
    await willing.notes('asked close-app')
    const database = new DatabaseSync(join(folder.state, 'sessions', `${(await session.summary()).id}.db`))
    database.exec('DROP TABLE applications')
    database.close()
    await failure
    for (const one of [willing, late]) await one.notes('stays')
    assert.deepEqual(
      [willing, late].map(({ process }) => isRunning(process)),
      [true, true],
    )
  })
})
