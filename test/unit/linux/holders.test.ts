import assert from 'node:assert/strict'
import { closeSync, mkdtempDisposableSync, openSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { holdersFailure, processesHolding } from '../../../src/linux/bpf/holders.ts'
import { InodeSet } from '../../../src/linux/bpf/inode-set.ts'
import { readKernelTypes } from '../../../src/linux/bpf/kernel-types.ts'
import { detectElsewhere } from '../../support/detection.ts'
import { startFixture } from '../../support/fixture.ts'
import { holdersAvailable } from '../../support/holders.ts'

const failure = holdersFailure()
const skip = failure !== null && `the kernel cannot be asked: ${failure.message}`
const temporary = () => mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
const low = (path: string) => Number(statSync(path, { bigint: true }).ino & 0xffff_ffffn)

/** Runs a command with a filter that ends it where it calls bpf(2), as `SystemCallFilter=` of systemd does. */
const filterBpf = `
import ctypes, os, struct, sys
BPF = 321
KILL, ALLOW = 0x80000000, 0x7fff0000
program = [(0x20, 0, 0, 0), (0x15, 0, 1, BPF), (0x06, 0, 0, KILL), (0x06, 0, 0, ALLOW)]
code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *each) for each in program))
filter = ctypes.create_string_buffer(struct.pack('HxxxxxxQ', len(program), ctypes.addressof(code)))
prctl = ctypes.CDLL(None).prctl
prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
if prctl(38, 1, 0, 0, 0) or prctl(22, 2, ctypes.addressof(filter), 0, 0): sys.exit('no seccomp')
os.execvp(sys.argv[1], sys.argv[1:])`
const underSeccomp = ['/usr/bin/python3', '-I', '-c', filterBpf]
const seccompSkip = process.arch !== 'x64' ? 'the filter is for x64' : (holdersAvailable() ?? false)

function setOf(inodes: number[]): InodeSet {
  const set = new InodeSet(inodes.length)
  for (const inode of inodes) set.add(inode)
  return set
}

const holding = (...paths: string[]) => processesHolding(setOf(paths.map(low)))

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

  it('can be asked for several times at once, and no longer: without leaving anything open', async () => {
    await holding('/')
    const before = readdirSync('/proc/self/fd').length
    const found = await Promise.all([holding('/'), holding(process.execPath), holding('/', process.execPath)])
    assert.ok(found.every((pids) => pids.has(process.pid)))
    const controller = new AbortController()
    const asked = processesHolding(setOf([low('/')]), controller.signal)
    controller.abort(new Error('enough'))
    await assert.rejects(asked, { message: 'enough' })
    assert.equal(readdirSync('/proc/self/fd').length, before)
    assert.ok((await holding('/')).has(process.pid), 'it can be asked again')
  })

  it('is not asked where a seccomp filter ends who asks', { skip: seccompSkip }, async () => {
    using folder = temporary()
    const file = join(folder.path, 'file')
    writeFileSync(file, '')
    await using fixture = await startFixture('opens-a-file', [file])
    const { uses } = await detectElsewhere([file], { under: underSeccomp })
    assert.deepEqual(
      uses.map(({ process }) => process.pid),
      [fixture.pid],
    )
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
    const set = setOf(numbers)
    const bits = set.bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
    assert.ok(bits > numbers.length && bits < set.bits.length * 8 * 0.03, `${bits} bits are set`)
  })
})
