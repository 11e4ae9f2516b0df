import { readlinkSync } from 'node:fs'
import { exactFileNumber, type ExactFileNumber } from './file-number.ts'
import type { FileMapping } from './file-mapping.ts'

/** A name under which this process reaches a file that another one has, and what stat(2) says of it. */
export interface ReachedFile extends ExactFileNumber {
  path: string | Buffer
}

/** The file a mapping maps, through `/proc/PID/map_files`, whatever has become of its name: that takes CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE. Null where it is refused. */
export function mappedFileItself(pid: number, mapping: FileMapping): ReachedFile | null {
  return reach(() => mappingLink(pid, mapping))
}

/**
 * The path of a mapping as the process sees it; " (deleted)" stands behind it where that no longer leads to the file.
 * Throws where the mapping has gone (ENOENT) or may not be looked at (EACCES).
 */
export function mappedPath(pid: number, mapping: FileMapping): Buffer {
  return readlinkSync(mappingLink(pid, mapping), 'buffer')
}

/** What a path names for a process, by its own root directory; null where it names nothing, or it cannot be looked at. */
export function fileInRootOf(pid: number, path: Buffer): ReachedFile | null {
  return reach(() => inRootOf(pid, path))
}

/** The device of a file system without a disk of its own: overlayfs, btrfs and others, for which stat(2) may give other ones. */
export function hasNoDisk(dev: number): boolean {
  return ((dev >>> 8) & 0xfff) === 0
}

function mappingLink(pid: number, { start, end }: FileMapping): string {
  return `/proc/${pid}/map_files/${start.toString(16)}-${end.toString(16)}`
}

function inRootOf(pid: number, path: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/${pid}/root`), path])
}

function reach(name: () => string | Buffer): ReachedFile | null {
  try {
    const path = name()
    const file = exactFileNumber(path)
    return file ? { path, dev: file.dev, ino: file.ino } : null
  } catch {
    return null
  }
}
