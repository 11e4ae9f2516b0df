import { readFileHandle } from '../linux/file-handle.ts'
import { exactFileNumber, isExact, type FileNumber } from '../linux/file-number.ts'
import { mappedFile, type ReachedFile } from '../linux/mapped-file.ts'
import type { FileMapping } from '../linux/file-mapping.ts'
import type { Target, TargetIndex } from './target-index.ts'

/** A file that a process has, by a link of its own that leads to it. */
export function targetsBehindLink(index: TargetIndex, file: FileNumber, link: string): Target[] {
  return matchingTargets(index, file, isExact(file), () => {
    const exact = exactFileNumber(link)
    return exact ? { path: link, dev: exact.dev, ino: exact.ino } : null
  })
}

/** A file that a process maps: the device is the superblock's, so that another one than the target's has to be looked into. */
export function targetsMapped(index: TargetIndex, pid: number, mapping: FileMapping): Target[] {
  return matchingTargets(index, mapping, false, () => mappedFile(pid, mapping))
}

function matchingTargets(
  index: TargetIndex,
  file: FileNumber,
  deviceDecides: boolean,
  reach: () => ReachedFile | null,
): Target[] {
  const candidates = index.candidates(file.ino)
  if (!candidates) return []
  let reached: ReachedFile | null | undefined
  return candidates.filter((target) => {
    if (!isExact(file) || Number(target.dev) !== file.dev) {
      if (deviceDecides) return false
      if (!isSame(target, (reached ??= reach()))) return false
    }
    return target.handle === null || !hasOtherHandle(target, (reached ??= reach()))
  })
}

function isSame(target: Target, reached: ReachedFile | null): boolean {
  return reached !== null && reached.dev === target.dev && reached.ino === target.ino
}

/** The target's file has gone and a new one got its inode number. Not known, and so not assumed, where the handle cannot be read. */
function hasOtherHandle(target: Target, reached: ReachedFile | null): boolean {
  if (!reached || !isSame(target, reached)) return false
  const handle = readFileHandle(reached.path)
  return handle !== null && handle !== target.handle
}
