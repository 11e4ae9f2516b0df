import assert from 'node:assert/strict'
import { closeSync, mkdtempDisposableSync, openSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { holdersFailure, processesHolding } from '../../../src/linux/bpf/holders.ts'
import { InodeSet } from '../../../src/linux/bpf/inode-set.ts'
import { readKernelTypes } from '../../../src/linux/bpf/kernel-types.ts'
import { startFixture } from '../../support/fixture.ts'

const failure = holdersFailure()
const skip = failure !== null && `the kernel cannot be asked: ${failure.message}`
const temporary = () => mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
const low = (path: string) => Number(statSync(path, { bigint: true }).ino & 0xffff_ffffn)
const holding = (...paths: string[]) => processesHolding(paths.map(low), paths.length)

describe('who holds an inode, as the kernel says', { skip }, () => {
  it('is who has it open, and nobody else', async () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    writeFileSync(file, '')
    assert.ok(!(await holding(file)).has(process.pid))
    const descriptor = openSync(file, 'r')
    assert.ok((await holding(file)).has(process.pid))
    closeSync(descriptor)
    assert.ok(!(await holding(file)).has(process.pid))
  })

  it('is who maps it without a descriptor', async () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    writeFileSync(file, 'x')
    await using fixture = await startFixture('maps-a-file', [file])
    assert.deepEqual([...(await holding(file))], [fixture.pid])
  })

  it('is who runs it, works in it or has it for root directory', async () => {
    using folder = temporary()
    await using worker = await startFixture('works-in-a-directory', [folder.path])
    const found = await holding(folder.path)
    assert.ok(found.has(worker.pid) && !found.has(process.pid))
    assert.ok((await holding('/')).has(process.pid))
    assert.ok((await holding(process.execPath)).has(process.pid))
  })

  it('is the whole process where its first thread has ended', async () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    writeFileSync(file, '')
    await using fixture = await startFixture('ends-its-first-thread', [file])
    assert.deepEqual([...(await holding(file))], [fixture.pid])
  })

  it('leaves no descriptor behind', async () => {
    await holding('/')
    const before = readdirSync('/proc/self/fd').length
    await holding('/')
    assert.equal(readdirSync('/proc/self/fd').length, before)
  })

  it('does not keep the event loop', async () => {
    let turns = 0
    const timer = setInterval(() => (turns += 1), 1)
    await holding('/')
    clearInterval(timer)
    assert.ok(turns > 0)
  })
})

describe('what the kernel says of its types', { skip }, () => {
  it('has the members of structures within, and no others', () => {
    const wanted = { functions: ['bpf_iter_task'], structures: { mm_struct: ['exe_file'], inode: ['i_ino'] } } as const
    const { functions, structures } = readKernelTypes(wanted)
    assert.ok(functions.bpf_iter_task > 0)
    assert.ok((structures.mm_struct['exe_file'] ?? 0) > 0 && (structures.inode['i_ino'] ?? 0) > 0)
    const missing = { functions: [], structures: { inode: ['no_such_member'] } }
    assert.throws(() => readKernelTypes(missing), /no_such_member/)
  })
})

describe('a set of inode numbers', () => {
  it('grows with them, so that few others seem to be in it', () => {
    const numbers = Array.from({ length: 50_000 }, (_, index) => index * 7)
    const set = new InodeSet(numbers, numbers.length)
    const bits = set.bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
    assert.ok(bits > numbers.length && bits < set.bits.length * 8 * 0.03, `${bits} bits are set`)
  })
})
