import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { closeSync, openSync, renameSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { listAffected } from '../../src/index.ts'
import { heldWithoutUse } from '../../src/detection/free-files.ts'
import { detectUses, type DetectionOptions } from '../../src/detection/index.ts'
import { heldByUnknown } from '../../src/detection/held-by-unknown.ts'
import { probeFiles, type Probed, type ProbedFile } from '../../src/detection/probe.ts'
import { TargetIndex } from '../../src/detection/target-index.ts'
import type { AffectedList, FileUse } from '../../src/model/index.ts'
import { ioUringWorks } from '../fixtures/lib/io-uring.ts'
import { registered } from '../support/detection.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'
import { Holders, holdersAvailable } from '../support/holders.ts'
import { noLeases, numberOf } from '../support/lease.ts'

const restartctl = fileURLToPath(new URL('../../src/cli/restartctl.ts', import.meta.url))

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

describe('a whole look', { skip: noLeases || (holdersAvailable() ?? false) }, () => {
  it('names what is in flight, by which probe ever, also where an old version or the name of it is used', async () => {
    using folder = new Folder()
    const [inFlight, open] = [folder.write('in flight', 'x'), folder.write('open', 'x')]
    await using holders = new Holders()
    await holders.tell('old', [['open', inFlight, 'read']])
    const files = [registered(inFlight), registered(open)]
    folder.write('new', 'x')
    renameSync(folder.path('new'), inFlight)
    await using sender = await startFixture('has-a-file-in-flight', [inFlight])
    await holders.tell('named', [['open', inFlight, 'path']])
    await holders.tell('opener', [['open', open, 'read']])
    assert.ok(sender.pid)
    const kinds = async (options: DetectionOptions) => {
      const { uses, heldByUnknown } = await detectUses({ files, directories: [] }, options)
      return { uses: uses.map(({ path, replaced, pathOnly }) => ({ path, replaced, pathOnly })), heldByUnknown }
    }
    const uses = [
      { path: inFlight, replaced: true, pathOnly: undefined },
      { path: inFlight, replaced: false, pathOnly: true },
      { path: open, replaced: false, pathOnly: undefined },
    ]
    for (const options of [{}, { probe: 'after' }, { probe: 'first' }] as const) {
      assert.deepEqual(await kinds(options), { uses, heldByUnknown: [inFlight] }, JSON.stringify(options))
    }
    assert.deepEqual(await kinds({ probe: 'off' }), { uses, heldByUnknown: [] })
  })

  it('is what the library and the command list, with the probe that is asked for', async () => {
    using folder = new Folder()
    const [inFlight, open] = [folder.write('in flight', 'x'), folder.write('open', 'x')]
    await using sender = await startFixture('has-a-file-in-flight', [inFlight])
    await using opener = await startFixture('opens-a-file', [open])
    assert.ok(sender.pid)
    const described = ({ applications, heldByUnknown }: AffectedList) => ({
      pids: applications.map(({ process }) => process.pid),
      heldByUnknown,
    })
    const command = async (probe: string[], environment: NodeJS.ProcessEnv) => {
      const args = ['--disable-warning=ExperimentalWarning', restartctl, 'list', '--json', ...probe, inFlight, open]
      const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...environment } })
      return described(JSON.parse(stdout) as AffectedList)
    }
    const all = { pids: [opener.pid], heldByUnknown: [inFlight] }
    const unprobed = { pids: [opener.pid], heldByUnknown: [] }
    for (const probe of ['first', 'after'] as const) {
      assert.deepEqual(described(await listAffected({ files: [inFlight, open] }, { probe })), all, probe)
      assert.deepEqual(await command(['--probe', probe], {}), all, probe)
    }
    assert.deepEqual(described(await listAffected({ files: [inFlight, open] }, { probe: 'off' })), unprobed)
    assert.deepEqual(await command([], { RESTART_MANAGER_PROBE: 'off' }), unprobed)
    assert.deepEqual(await command(['--probe', 'after'], { RESTART_MANAGER_PROBE: 'off' }), all)
  })

  it('finds who came after the first look', async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    const descriptor = openSync(file, 'r')
    const targets = { files: [registered(file)], directories: [] }
    const index = new TargetIndex()
    index.add({ path: file, ...numberOf(file), isDirectory: false, replaced: false, handle: null })
    const late: FileUse = { path: file, as: 'open', replaced: false, process: { pid: process.pid, startTime: 1n } }
    const answer = await heldWithoutUse(index, targets, [], async () => [late], { asked: true })
    closeSync(descriptor)
    assert.deepEqual(answer, { heldByUnknown: [], uses: [late] })
  })

  it('names the file, and not the directory that it lies in', async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    await using sender = await startFixture('has-a-file-in-flight', [file])
    assert.ok(sender.pid)
    const targets = { files: [registered(file)], directories: [registered(folder.root)] }
    assert.deepEqual((await detectUses(targets)).heldByUnknown, [file])
    // Something in it is used, and has been looked up.
    await using fixture = await startFixture('opens-a-file', [folder.write('open', 'x')])
    const { uses, heldByUnknown } = await detectUses(targets)
    assert.deepEqual(
      [uses.map(({ path, process }) => [path, process.pid]), heldByUnknown],
      [[[folder.root, fixture.pid]], [file]],
    )
  })

  it('looks at no process where the probe says first that all are free', async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    await using holders = new Holders()
    await holders.tell('named', [['open', file, 'path']])
    const targets = { files: [registered(file)], directories: [] }
    assert.equal((await detectUses(targets)).uses.length, 1)
    assert.deepEqual((await detectUses(targets, { probe: 'first' })).uses, [])
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
