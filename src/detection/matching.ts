import { readFileHandle } from '../linux/file-handle.ts'
import { exactFileNumber, isExact, type ExactFileNumber, type FileNumber } from '../linux/file-number.ts'
import { fileInRootOf, hasNoDisk, mappedFileItself, mappedPath, type ReachedFile } from '../linux/mapped-file.ts'
import type { FileMapping } from '../linux/file-mapping.ts'
import type { Target, TargetIndex } from './target-index.ts'

/** A file that a process has, by a link of its own that leads to it. */
export function targetsBehindLink(index: TargetIndex, file: FileNumber, link: string): Target[] {
  const reach = once(() => reachedBy(link))
  return candidates(index, file).filter(
    (target) => (isExact(file) ? Number(target.dev) === file.dev : isSame(target, reach())) && !hasGone(target, reach),
  )
}

/** A file that is known by a path which leads to it. */
export function targetsReached(index: TargetIndex, file: ReachedFile): Target[] {
  const number = { dev: Number(file.dev), ino: Number(file.ino) }
  return candidates(index, number).filter((target) => isSame(target, file) && !hasGone(target, () => file))
}

/**
 * A file that a process maps. The device is the superblock's, which on overlayfs and btrfs is not the one of stat(2): the
 * file itself has to be looked at. Throws an error with the code EACCES where that is refused, and it may be a target.
 */
export function targetsMapped(index: TargetIndex, pid: number, mapping: FileMapping): Target[] {
  const itself = once(() => mappedFileItself(pid, mapping))
  const byPath = once(() => fileInRootOf(pid, mappedPath(pid, mapping)))
  const isMapped = (target: Target): boolean => {
    const hasItsDevice = Number(target.dev) === mapping.dev
    if (hasItsDevice && isExact(mapping)) return true
    if (!hasItsDevice && !(hasNoDisk(mapping.dev) && hasNoDisk(Number(target.dev)))) return false
    const file = itself()
    if (file) return isSame(target, file)
    const named = byPath()
    // What has another inode number by now says nothing of the file that is mapped.
    if (named && Number(named.ino) === mapping.ino) return isSame(target, named)
    throw Object.assign(new Error('EACCES: which file is mapped'), { code: 'EACCES' })
  }
  return candidates(index, mapping).filter(
    (target) => !target.isDirectory && isMapped(target) && !hasGone(target, () => itself() ?? byPath()),
  )
}

function candidates(index: TargetIndex, { ino }: FileNumber): readonly Target[] {
  return index.candidates(ino) ?? []
}

function isSame(target: Target, file: ExactFileNumber | null): boolean {
  return file !== null && file.dev === target.dev && file.ino === target.ino
}

/** The target's file has gone and a new one got its inode number. Not known, and so not assumed, where the handle cannot be read. */
function hasGone(target: Target, reach: () => ReachedFile | null): boolean {
  if (target.handle === null) return false
  const file = reach()
  if (!file || !isSame(target, file)) return false
  const handle = readFileHandle(file.path)
  return handle !== null && handle !== target.handle
}

function reachedBy(link: string): ReachedFile | null {
  const file = exactFileNumber(link)
  return file ? { path: link, ...file } : null
}

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined
  return () => (made ??= { value: make() }).value
}
