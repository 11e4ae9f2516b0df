import { close, closeSync, read } from 'node:fs'
import { promisify } from 'node:util'
import { hasSeccompFilter, isAtLeast, kernelRelease } from '../capabilities.ts'
import { inFirstNamespace } from '../first-namespaces.ts'
import { Bpf } from './bpf.ts'
import type { InodeSet } from './inode-set.ts'
import { readKernelTypes } from './kernel-types.ts'
import { holderPrograms, wantedTypes, type IteratorProgram, type Types } from './programs.ts'

const bufferSize = 64 * 1024

/** Errors that come from what goes on at the moment: it may be asked again the next time. */
const passing = new Set(['EAGAIN', 'EINTR', 'EMFILE', 'ENFILE', 'ENOMEM'])

let ability: { bpf: Bpf; types: Types } | { failure: Error } | undefined

/** Why the kernel cannot be asked here; null where it can. Tried once: for each program loaded the kernel writes an audit record. */
export function holdersFailure(): Error | null {
  const found = abilityNow()
  return 'failure' in found ? found.failure : null
}

/**
 * The pids of the processes of which a thread runs, works in, has for root directory, has open or maps one of these inodes:
 * asked of the kernel by programs that it runs over all its threads (BPF iterators). Every such process is among them, and
 * some that have an inode of the same number on another file system, or of none of these. A tenth of the time that
 * looking into `/proc` takes; the event loop goes on meanwhile.
 *
 * Takes CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, the first PID namespace, no seccomp filter (which may end who asks), and
 * Linux 6.2: before, the iterator over mappings could meet the memory of a process that had ended. Rejects where any of that
 * is missing, and with the signal's reason once `signal` is aborted. Inode numbers are those inside the kernel: the same as
 * those of stat(2) on ext4, xfs, btrfs and tmpfs, not on overlayfs, FUSE or NFS.
 */
export async function processesHolding(inodes: InodeSet, signal?: AbortSignal): Promise<Set<number>> {
  const found = abilityNow()
  if ('failure' in found) throw found.failure
  try {
    return await ask(found.bpf, found.types, inodes, signal)
  } catch (error) {
    if (!signal?.aborted && !isPassing(error)) ability = { failure: error as Error }
    throw error
  }
}

function abilityNow(): NonNullable<typeof ability> {
  const found = ability ?? findAbility()
  if (!('failure' in found) || !isPassing(found.failure)) ability = found
  return found
}

function isPassing(error: unknown): boolean {
  return passing.has(String((error as NodeJS.ErrnoException).code))
}

function findAbility(): NonNullable<typeof ability> {
  try {
    if (!isAtLeast(kernelRelease(), 6, 2)) throw new Error('It takes Linux 6.2 or newer')
    if (!inFirstNamespace('pid')) throw new Error('It takes the first PID namespace')
    if (hasSeccompFilter()) throw new Error('A seccomp filter might end this process for asking')
    const bpf = new Bpf()
    closeSync(bpf.createArray(Buffer.alloc(8)))
    return { bpf, types: readKernelTypes(wantedTypes) }
  } catch (error) {
    return { failure: error as Error }
  }
}

async function ask(bpf: Bpf, types: Types, set: InodeSet, signal?: AbortSignal): Promise<Set<number>> {
  const map = bpf.createArray(set.bits)
  const pids = new Set<number>()
  const collect = async (program: IteratorProgram) => {
    const iterator = bpf.createIterator(program.program, program.target)
    try {
      await readPids(iterator, pids, signal)
    } finally {
      await promisify(close)(iterator)
    }
  }
  try {
    const outcomes = await Promise.allSettled(holderPrograms(types, set, map).map(collect))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    return pids
  } finally {
    await promisify(close)(map)
  }
}

async function readPids(iterator: number, into: Set<number>, signal?: AbortSignal): Promise<void> {
  const buffer = Buffer.alloc(bufferSize)
  for (;;) {
    const length = await readSome(iterator, buffer, signal)
    if (length === 0) return
    for (let at = 0; at < length; at += 4) into.add(buffer.readUInt32LE(at))
  }
}

/** After a million objects without a hit, or where a signal comes, the kernel asks to be asked again. */
async function readSome(iterator: number, buffer: Buffer, signal?: AbortSignal): Promise<number> {
  for (;;) {
    signal?.throwIfAborted()
    try {
      const { bytesRead } = await promisify(read)(iterator, buffer, 0, buffer.length, null)
      return bytesRead
    } catch (error) {
      if (!['EAGAIN', 'EINTR'].includes(String((error as NodeJS.ErrnoException).code))) throw error
    }
  }
}
