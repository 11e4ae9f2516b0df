import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { statSync, symlinkSync } from 'node:fs'
import { describe, it } from 'node:test'
import { readRegularFile } from '../../../src/linux/regular-file.ts'
import { Folder } from '../../support/folder.ts'

const identity = (path: string) => statSync(path, { bigint: true })
const read = (path: string, expected = identity(path), limit = 100) =>
  readRegularFile(Buffer.from(path), expected, limit)?.toString() ?? null

describe('reading a regular file', () => {
  it('answers its start', () => {
    using folder = new Folder()
    const file = folder.write('file', 'text')
    assert.equal(read(file), 'text')
    assert.equal(read(file, identity(file), 2), 'te')
    assert.equal(read(folder.write('empty', '')), '')
  })

  it('answers nothing where the path leads to another file by now', () => {
    using folder = new Folder()
    const file = folder.write('file', 'text')
    assert.equal(read(file, identity(folder.write('other', 'x'))), null)
  })

  it('opens no FIFO and no device, also where one took the place of the file', () => {
    using folder = new Folder()
    execFileSync('mkfifo', [folder.path('fifo')])
    assert.equal(read(folder.path('fifo')), null)
    assert.equal(read('/dev/zero'), null)
  })

  it('follows no link at the end', () => {
    using folder = new Folder()
    const file = folder.write('file', 'text')
    symlinkSync(file, folder.path('link'))
    assert.equal(read(folder.path('link')), null)
  })

  it('throws where there is nothing', () => {
    using folder = new Folder()
    const file = folder.write('file', 'text')
    assert.throws(() => read(folder.path('missing'), identity(file)), { code: 'ENOENT' })
  })
})
