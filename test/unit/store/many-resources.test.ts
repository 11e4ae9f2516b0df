import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { RegisteredFile } from '../../../src/model/index.ts'
import { pathFromBytes } from '../../../src/text/index.ts'
import { newSession, storeFolder } from '../../fixtures/store-folder.ts'

const count = 100_000
/** Objects as programs make them. */
const plain = { noNullPrototype: true }
const none = { files: [], directories: [], processes: [], services: [] }

describe('Many resources', () => {
  it('are registered and read in well under a second, and the event loop goes on', async (t) => {
    const { store } = storeFolder(t)
    const { session } = await newSession(store)
    const files = Array.from({ length: count }, (_, index): RegisteredFile => {
      const identity = { dev: 2049n, ino: BigInt(index) << 32n, handle: '81:00ff00ff' }
      return { path: `/usr/share/some/deep/directory/${String(index).padStart(6, '0')}`, identity }
    })
    const longest = longestPause()
    const start = performance.now()
    await session.addResources(1, { ...none, files })
    const added = performance.now()
    const read = await session.resources()
    const end = performance.now()
    const pause = longest.stop()
    t.diagnostic(
      `registered in ${Math.round(added - start)} ms, read in ${Math.round(end - added)} ms, longest pause ${Math.round(pause)} ms`,
    )
    assert.deepEqual(read.files, files)
    // Four times what it takes on a machine with nothing else to do.
    assert.ok(added - start < 1000 && end - added < 1000 && pause < 120)
    session.close()
  })

  it('are one transaction: what is asked meanwhile comes after them, and another sees all or none', async (t) => {
    const { store } = storeFolder(t)
    const { key, session } = await newSession(store)
    const other = await store.open(key)
    const files = Array.from({ length: 20_000 }, (_, index): RegisteredFile => ({ path: `/${index}`, identity: null }))
    const added = session.addResources(1, { ...none, files })
    const seen = [session.summary(), other.summary(), session.summary()].map(async (one) => (await one).resources.files)
    const [first, second, third] = await Promise.all(seen)
    await added
    assert.deepEqual([first, third], [files.length, files.length])
    assert.ok(second === 0 || second === files.length)
    session.close()
    other.close()
  })

  it('keep numbers up to 2^64-1 and any path exactly', async (t) => {
    const { store } = storeFolder(t)
    const { session } = await newSession(store)
    const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    const identity = fc.record({ dev: number, ino: number, handle: fc.option(fc.string({ unit: 'grapheme' })) }, plain)
    const path = fc
      .oneof(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.uint8Array({ minLength: 1 }).map((bytes) => pathFromBytes(Buffer.from(bytes))),
      )
      .filter((text) => !text.includes('\0'))
    const files = fc.uniqueArray(fc.record({ path, identity: fc.option(identity) }, plain), {
      selector: (file) => file.path,
    })
    const process = fc.record({ pid: fc.integer({ min: 1, max: 4_194_304 }), startTime: number }, plain)
    await fc.assert(
      fc.asyncProperty(files, fc.array(process, { maxLength: 3 }), async (some, processes) => {
        const known = new Map((await session.resources()).files.map((file) => [file.path, file.identity]))
        await session.addResources(1, { ...none, files: some, directories: some, processes })
        const after = await session.resources()
        const stored = new Map(after.files.map((file) => [file.path, file.identity]))
        for (const file of some) assert.deepEqual(stored.get(file.path), known.get(file.path) ?? file.identity)
        assert.deepEqual(after.directories, after.files)
        for (const one of processes)
          assert.ok(after.processes.some((p) => p.pid === one.pid && p.startTime === one.startTime))
      }),
      { numRuns: 50 },
    )
    session.close()
  })
})

/** Measures the longest time that the event loop did not come round, in milliseconds. */
function longestPause(): { stop: () => number } {
  let longest = 0
  let last = performance.now()
  const comeRound = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(comeRound, 1)
  return {
    stop: () => {
      clearInterval(timer)
      comeRound()
      return longest
    },
  }
}
