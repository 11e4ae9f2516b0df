import assert from 'node:assert/strict'
import { linkSync, mkdtempDisposableSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readFileHandle } from '../../../src/linux/file-handle.ts'
import { identifyFile, inspectPath } from '../../../src/linux/inspect-path.ts'

const temporary = () => mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))

describe('the identity of a file', () => {
  it('is the same under every name, also after a rename, and follows symbolic links', () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    writeFileSync(file, 'x')
    linkSync(file, `${file}.hard`)
    symlinkSync(file, `${file}.soft`)
    const identity = identifyFile(file)
    assert.equal(identity?.ino, statSync(file, { bigint: true }).ino)
    assert.deepEqual(identifyFile(`${file}.hard`), identity)
    assert.deepEqual(identifyFile(`${file}.soft`), identity)
    renameSync(file, `${file}.renamed`)
    assert.deepEqual(identifyFile(`${file}.renamed`), identity)
  })

  it('is null where there is nothing, and tells files from directories', () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    assert.equal(identifyFile(file), null)
    writeFileSync(file, 'x')
    assert.equal(identifyFile(join(file, 'beneath')), null)
    assert.equal(inspectPath(file)?.isDirectory, false)
    assert.equal(inspectPath(folder.path)?.isDirectory, true)
  })

  it('throws what keeps it from looking', () => {
    using folder = temporary()
    const loop = join(folder.path, 'loop')
    symlinkSync(loop, loop)
    assert.throws(() => identifyFile(loop), { code: 'ELOOP' })
  })

  it('has no handle where the file system gives none', () => {
    assert.equal(readFileHandle('/proc/self'), null)
    assert.equal(readFileHandle('/nowhere'), null)
  })

  it('has the same handle for a path as text and as bytes', () => {
    assert.equal(readFileHandle(Buffer.from('/etc/passwd')), readFileHandle('/etc/passwd'))
  })
})
