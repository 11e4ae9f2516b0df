import { dirname } from 'node:path'
import { processesHolding } from '../linux/bpf/holders.ts'
import { InodeSet } from '../linux/bpf/inode-set.ts'
import { exactFileNumber } from '../linux/file-number.ts'
import { hasPlainInodeNumbers } from '../linux/file-system.ts'
import { listPids } from '../linux/processes.ts'
import { pathBytes } from '../text/index.ts'
import { mayUse } from './quick-look.ts'
import { stride, type Scan } from './look.ts'
import { runInSlices } from './slices.ts'
import type { TargetIndex } from './target-index.ts'

/** How the suspects are found: the kernel is asked for them, or every process is looked at. */
export type Means = 'kernel' | 'processes'

/**
 * The pids that are worth a close look: all that use a target are among them. `means` is for tests and measurements; without
 * it the kernel is asked where it can be, as that takes a third of the time.
 */
export async function findSuspects(scan: Scan, means?: Means, signal?: AbortSignal): Promise<ReadonlySet<number>> {
  if (means !== 'processes' && (means === 'kernel' || hasPlainTargets(scan))) {
    try {
      const inodes = await runInSlices(inodeSet(scan.index), signal)
      return await processesHolding(inodes, signal)
    } catch (error) {
      if (means === 'kernel' && !signal?.aborted) throw error
    }
  }
  return runInSlices(quickLooks(scan), signal)
}

function* inodeSet(index: TargetIndex): Generator<void, InodeSet> {
  const set = new InodeSet(index.size)
  let count = 0
  for (const inode of index.inodes()) {
    set.add(inode)
    if (++count % stride === 0) yield
  }
  return set
}

function* quickLooks(scan: Scan): Generator<void, Set<number>> {
  const suspects = new Set<number>()
  for (const pid of listPids()) {
    if (yield* mayUse(scan, pid)) suspects.add(pid)
    yield
  }
  return suspects
}

/** Whether the kernel knows all targets by the inode numbers that they have here. */
function hasPlainTargets({ index }: Scan): boolean {
  for (const [device, path] of index.devices) {
    if (![path, dirname(path)].some((name) => isOn(device, name) && hasPlainInodeNumbers(pathBytes(name)))) return false
  }
  return true
}

function isOn(device: bigint, path: string): boolean {
  try {
    return exactFileNumber(path)?.dev === device
  } catch {
    return false
  }
}
