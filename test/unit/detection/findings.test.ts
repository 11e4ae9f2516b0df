import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Findings } from '../../../src/detection/findings.ts'
import type { Target } from '../../../src/detection/target-index.ts'

const user = { pid: 7, startTime: 70n }
const target = (path: string, replaced = false): Target => ({
  path,
  dev: 1n,
  ino: 2n,
  handle: null,
  isDirectory: false,
  replaced,
})
const failed = (code: string) => Object.assign(new Error(code), { code })
const named = (findings: Findings) => findings.uses(user).map(({ path, as, replaced }) => `${path} ${as} ${replaced}`)

describe('what a look at a process brings', () => {
  it('is each kind of use once', () => {
    const findings = new Findings()
    const file = target('/a')
    findings.add([file], 'open')
    findings.add([file], 'open')
    findings.add([file], 'mapped')
    assert.deepEqual(named(findings), ['/a mapped false', '/a open false'])
  })

  it('does not say of what it runs that it is mapped', () => {
    const findings = new Findings()
    const program = target('/a')
    findings.add([program], 'executable')
    findings.add([program], 'mapped')
    assert.deepEqual(named(findings), ['/a executable false'])
  })

  it('keeps the versions of a file apart, and joins what lies beneath one directory', () => {
    const findings = new Findings()
    findings.add([target('/a', true), target('/a'), target('/directory')], 'mapped')
    findings.add([target('/directory')], 'mapped')
    assert.deepEqual(named(findings), ['/a mapped true', '/a mapped false', '/directory mapped false'])
  })

  it('keeps the first refusal, and tells it from what has gone', () => {
    const findings = new Findings()
    assert.ok(findings.isEmpty)
    findings.note(failed('ENOENT'))
    assert.deepEqual([findings.vanished, findings.refusal], [true, null])
    findings.note(failed('EACCES'))
    findings.note(failed('EPERM'))
    assert.equal(findings.refusal?.message, 'EACCES')
  })

  it('passes on what is wrong with the caller itself', () => {
    assert.throws(() => new Findings().note(failed('EMFILE')), { code: 'EMFILE' })
  })
})
