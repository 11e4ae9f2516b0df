import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { newSession, storeFolder } from '../fixtures/store-folder.ts'
import { startProgram } from '../fixtures/store-process.ts'

const rounds = 15
/** In one transaction of the writer. */
const filesEach = 40_000

describe('A writer that is killed at any moment', () => {
  it('loses nothing that was stored, and leaves no half of a transaction', async (t) => {
    const { directory, sessions, store } = storeFolder(t)
    for (let round = 0; round < rounds; round++) {
      const { key, session } = await newSession(store)
      const writer = startProgram(t, 'store-endless-writer.ts', [directory, key])
      await writer.firstLine
      await setTimeout(Math.random() * 500)
      await writer.kill()
      const stored = writer.output().length - 'ready\n'.length
      const { files } = await session.resources()
      // It may have been killed when it had stored and not said so yet.
      assert.ok(
        [stored, stored + 1].includes(files.length / filesEach),
        `${files.length} files, said ${stored} times ${filesEach}`,
      )
      await session.destroy()
    }
    assert.deepEqual(readdirSync(sessions), ['lock.db'])
  })
})
