import assert from 'node:assert/strict'
import { copyFileSync, linkSync, mkdtempDisposableSync, openSync, closeSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { detectUses } from '../../src/detection/index.ts'
import { readProcessStat } from '../../src/linux/process-stat.ts'
import { registered, usesBy } from '../support/detection.ts'
import { startFixture, startProgram } from '../support/fixture.ts'

const temporary = () => mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))

describe('who uses a file', () => {
  it('finds who has it open, with pid and start time', async () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    writeFileSync(file, 'x')
    await using fixture = await startFixture('opens-a-file', [file])
    const { uses } = await detectUses({ files: [registered(file)], directories: [] })
    assert.deepEqual(uses, [{ path: file, as: 'open', replaced: false, process: fixture.process }])
  })

  for (const sharing of ['private', 'shared']) {
    it(`finds who has a ${sharing} mapping of it and no descriptor`, async () => {
      using folder = temporary()
      const file = join(folder.path, 'file')
      writeFileSync(file, 'x')
      await using fixture = await startFixture('maps-a-file', [file, sharing])
      assert.deepEqual(await usesBy(fixture.pid, [registered(file)]), [`${file} mapped`])
    })
  }

  it('finds who runs it, and does not add that it is mapped', async () => {
    using folder = temporary()
    const program = join(folder.path, 'program')
    copyFileSync('/bin/cat', program)
    await using fixture = startProgram([program])
    assert.deepEqual(await usesBy(fixture.pid, [registered(program)]), [`${program} executable`])
  })

  it('names running and having open as two uses', async () => {
    const program = process.execPath
    await using fixture = await startFixture('opens-a-file', [program])
    assert.deepEqual(await usesBy(fixture.pid, [registered(program)]), [`${program} executable`, `${program} open`])
  })

  it('finds it under every name: a hard link and a symbolic link', async () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    const hard = join(folder.path, 'hard')
    const soft = join(folder.path, 'soft')
    writeFileSync(file, 'x')
    linkSync(file, hard)
    symlinkSync('file', soft)
    await using fixture = await startFixture('opens-a-file', [file])
    assert.deepEqual(await usesBy(fixture.pid, [registered(hard), registered(soft)]), [`${hard} open`, `${soft} open`])
  })

  it('reports the caller like any other', async () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    writeFileSync(file, 'x')
    const descriptor = openSync(file, 'r')
    const uses = await usesBy(process.pid, [registered(file)])
    closeSync(descriptor)
    assert.deepEqual(uses, [`${file} open`])
  })

  it('finds files whose names hold anything', async () => {
    using folder = temporary()
    for (const name of ['two words', 'two\nlines', 'gone (deleted)', 'back\\012slash', 'žluťoučký']) {
      const file = join(folder.path, name)
      writeFileSync(file, 'x')
      await using fixture = await startFixture('maps-a-file', [file])
      assert.deepEqual(await usesBy(fixture.pid, [registered(file)]), [`${file} mapped`])
    }
  })

  it('finds the one user of one file among two thousand', async () => {
    using folder = temporary()
    const files = Array.from({ length: 2000 }, (_, index) => join(folder.path, `file ${index}`))
    for (const file of files) writeFileSync(file, '')
    await using fixture = await startFixture('opens-a-file', [files[1234] ?? ''])
    const { uses } = await detectUses({ files: files.map(registered), directories: [] })
    assert.deepEqual(uses, [{ path: files[1234], as: 'open', replaced: false, process: fixture.process }])
  })

  it('finds what a process holds whose first thread has ended', async () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    writeFileSync(file, 'x')
    await using fixture = await startFixture('ends-its-first-thread', [file])
    assert.equal(readProcessStat(fixture.pid)?.state, 'Z')
    assert.deepEqual(await usesBy(fixture.pid, [registered(file), registered(process.execPath)]), [
      `${process.execPath} executable`,
      `${file} open`,
    ])
  })
})
