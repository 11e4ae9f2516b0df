import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { newSession, storeFolder } from '../fixtures/store-folder.ts'
import { startProgram, type StoreProcess } from '../fixtures/store-process.ts'

const processes = 40
const filesEach = 50
const callsEach = 5
/** How many are being started at a time; they all wait for the signal. */
const batch = 8

describe('Many secondaries at the same time', () => {
  it(`register ${processes * filesEach} files from ${processes} processes, none lost and none twice`, async (t) => {
    const { directory, store } = storeFolder(t)
    const { key, session } = await newSession(store)
    // All processes load the same files: with Node's cache, which a process fills when it ends, in a fifth of the time.
    const cache = mkdtempSync(join(tmpdir(), 'restart-manager-compiled-'))
    t.after(() => rmSync(cache, { recursive: true }))
    const env = { ...process.env, NODE_COMPILE_CACHE: cache }

    await startProgram(t, 'store-visitor.ts', [join(cache, 'no', 'directory')], env).ended

    const writers: StoreProcess[] = []
    const begin = performance.now()
    while (writers.length < processes) {
      const next = Array.from({ length: batch }, (_, index) =>
        startProgram(
          t,
          'store-writer.ts',
          [directory, key, `product-${writers.length + index}`, String(filesEach), String(callsEach)],
          env,
        ),
      )
      await Promise.all(next.map((writer) => writer.firstLine))
      writers.push(...next)
    }
    const start = performance.now()
    for (const { child } of writers) child.stdin?.write('go\n')
    const codes = await Promise.all(writers.map((writer) => writer.ended))
    const end = performance.now()
    t.diagnostic(`started in ${Math.round(start - begin)} ms, all registered in ${Math.round(end - start)} ms`)

    assert.deepEqual(new Set(codes), new Set([0]))
    const paths = (await session.resources()).files.map(({ path }) => path)
    const wanted = writers.flatMap((_, writer) =>
      Array.from({ length: filesEach }, (_, file) => `/opt/product-${writer}/${file}`),
    )
    assert.deepEqual(paths.sort(), wanted.sort())
    const [primary, ...secondaries] = await session.participants()
    assert.equal(primary?.role, 'primary')
    assert.equal(secondaries.length, processes)
    assert.ok(secondaries.every(({ role, state }) => role === 'secondary' && state === 'finished'))
    await session.destroy()
  })
})
