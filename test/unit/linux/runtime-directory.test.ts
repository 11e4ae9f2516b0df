import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { prepareRuntimeDirectory, runtimeDirectory } from '../../../src/linux/runtime-directory.ts'
import { withCode } from '../../fixtures/store-folder.ts'

function folder(test: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'restart-manager-directory-'))
  test.after(() => rmSync(path, { recursive: true }))
  return path
}

/** For one test: the effective user and XDG_RUNTIME_DIR are others. */
function pretend(test: TestContext, user: number, xdg?: string): void {
  test.mock.method(process as Required<typeof process>, 'geteuid', () => user)
  const before = process.env['XDG_RUNTIME_DIR']
  const set = (value: string | undefined): void => {
    if (value === undefined) delete process.env['XDG_RUNTIME_DIR']
    else process.env['XDG_RUNTIME_DIR'] = value
  }
  set(xdg)
  test.after(() => set(before))
}

describe('The runtime directory', () => {
  it('is what the variable says, wherever that is', () => {
    assert.equal(runtimeDirectory('/nowhere/at/all'), '/nowhere/at/all')
    assert.throws(() => runtimeDirectory('relative'), withCode('INVALID_ARGUMENT'))
  })

  it('is in /run for root, whatever session root was started from', (t) => {
    pretend(t, 0, '/run/user/1000')
    assert.equal(runtimeDirectory(''), '/run/restart-manager')
  })

  it("is in the user's runtime directory, where that is absolute", (t) => {
    pretend(t, 4_000_000, '/xdg')
    assert.equal(runtimeDirectory(''), '/xdg/restart-manager')
    process.env['XDG_RUNTIME_DIR'] = 'relative'
    assert.equal(runtimeDirectory(''), '/tmp/restart-manager-4000000')
  })

  it('is in /tmp for a user without one', (t) => {
    pretend(t, 4_000_000)
    assert.equal(runtimeDirectory(''), '/tmp/restart-manager-4000000')
  })
})

describe('Preparing the runtime directory', () => {
  it('makes it for its user alone, and takes it as it is the second time', (t) => {
    const path = join(folder(t), 'made')
    prepareRuntimeDirectory(path)
    prepareRuntimeDirectory(path)
    assert.equal(statSync(path).mode & 0o7777, 0o700)
  })

  it('makes no parents', (t) => {
    const parent = join(folder(t), 'missing')
    assert.throws(() => prepareRuntimeDirectory(join(parent, 'made')), {
      ...withCode('STORE_FAILED'),
      hint: `Make its parent: mkdir -p ${parent}`,
    })
    assert.equal(existsSync(parent), false)
  })

  it('refuses one that others may enter, and says what to type', (t) => {
    const path = folder(t)
    chmodSync(path, 0o750)
    assert.throws(() => prepareRuntimeDirectory(path), {
      ...withCode('STORE_FAILED'),
      message: `Cannot use directory ${path}: its mode is 750, 700 was wanted`,
      hint: `Close it to others: chmod 700 ${path}`,
    })
  })

  it('refuses a symbolic link, to whatever, and a file', (t) => {
    const path = folder(t)
    mkdirSync(join(path, 'real'), { mode: 0o700 })
    symlinkSync('real', join(path, 'link'))
    symlinkSync('nowhere', join(path, 'dangling'))
    writeFileSync(join(path, 'file'), '')
    for (const name of ['link', 'dangling', 'file']) {
      assert.throws(() => prepareRuntimeDirectory(join(path, name)), withCode('STORE_FAILED'), name)
    }
    assert.equal(existsSync(join(path, 'nowhere')), false)
  })

  it("refuses another user's", { skip: process.geteuid?.() !== 0 && 'needs root, to give a directory away' }, (t) => {
    const path = folder(t)
    chownSync(path, 65_534, 65_534)
    const message = `Cannot use directory ${path}: it belongs to user 65534, user 0 was wanted`
    assert.throws(() => prepareRuntimeDirectory(path), { ...withCode('STORE_FAILED'), message })
  })
})
