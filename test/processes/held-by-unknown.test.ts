import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import { detectUses } from '../../src/detection/index.ts'
import { heldByUnknown } from '../../src/detection/held-by-unknown.ts'
import { probeFiles, type Probed, type ProbedFile } from '../../src/detection/probe.ts'
import { ioUringWorks } from '../fixtures/lib/io-uring.ts'
import { registered } from '../support/detection.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'
import { noLeases, numberOf } from '../support/lease.ts'

function probed(path: string): ProbedFile {
  return { path, ...numberOf(path) }
}

function probeAll(files: ProbedFile[]): Probed {
  const probes = probeFiles(files)
  for (;;) {
    const step = probes.next()
    if (step.done) return step.value
  }
}

async function scan(files: ProbedFile[]): Promise<Set<string>> {
  const { uses } = await detectUses({ files: files.map(({ path }) => registered(path)), directories: [] })
  return new Set(uses.map(({ path }) => path))
}

const notWanted = async (): Promise<never> => assert.fail('there was nothing to look for')

describe('files held by something that no process list shows', { skip: noLeases }, () => {
  it('are those held without a use: in flight over a socket, not open in a process, not free', async () => {
    using folder = new Folder()
    const [inFlight, open, free] = [
      folder.write('in flight', 'x'),
      folder.write('open', 'x'),
      folder.write('free', 'x'),
    ]
    await using sender = await startFixture('has-a-file-in-flight', [inFlight])
    await using opener = await startFixture('opens-a-file', [open])
    assert.ok(sender.pid && opener.pid)
    assert.deepEqual(await heldByUnknown([inFlight, open, free].map(probed), scan), [inFlight])
    await sender.stop()
    assert.deepEqual(await heldByUnknown([inFlight, free].map(probed), notWanted), [])
  })

  it('are fixed files of io_uring', { skip: !ioUringWorks() && 'the kernel gives no io_uring' }, async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    await using fixture = await startFixture('has-a-fixed-file', [file])
    assert.ok(fixture.pid)
    assert.deepEqual(await heldByUnknown([probed(file)], scan), [file])
  })

  it('are looked at again: who has let go a moment later is not asked for', async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    const descriptor = openSync(file, 'r')
    setTimeout(() => closeSync(descriptor), 20)
    assert.deepEqual(await heldByUnknown([probed(file)], notWanted), [])
  })

  it('are not those that were let go of during the scan', async () => {
    using folder = new Folder()
    const [passing, staying] = [folder.write('passing', 'x'), folder.write('staying', 'x')]
    const first = openSync(passing, 'r')
    const second = openSync(staying, 'r')
    const answer = await heldByUnknown([passing, staying].map(probed), async (files) => {
      assert.deepEqual(
        files.map(({ path }) => path),
        [passing, staying],
      )
      closeSync(first)
      return new Set()
    })
    closeSync(second)
    assert.deepEqual(answer, [staying])
  })

  it('are not looked for once that is cancelled', async () => {
    using folder = new Folder()
    const files = [probed(folder.write('file', 'x'))]
    await assert.rejects(heldByUnknown(files, notWanted, AbortSignal.abort()), { code: 'CANCELLED' })
  })
})

describe('probing many files', { skip: noLeases }, () => {
  it('finds the one that is held among a thousand, and says which cannot be told', () => {
    using folder = new Folder()
    const files = Array.from({ length: 1000 }, (_, index) => probed(folder.write(`file ${index}`, '')))
    const held = files[777]
    assert.ok(held)
    const directory = probed(folder.root)
    const descriptor = openSync(held.path, 'r')
    assert.deepEqual(probeAll([...files, directory]), { held: [held], unknown: [directory] })
    closeSync(descriptor)
    assert.deepEqual(probeAll(files), { held: [], unknown: [] })
  })

  it('lets others have their turn on the way', () => {
    using folder = new Folder()
    const file = probed(folder.write('file', ''))
    const probes = probeFiles(Array.from({ length: 3000 }, () => file))
    let turns = 0
    while (!probes.next().done) turns += 1
    assert.ok(turns >= 5, `${turns} turns`)
  })

  it('looks at no files at all', () => {
    assert.deepEqual(probeAll([]), { held: [], unknown: [] })
  })
})
