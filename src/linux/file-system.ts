import { statfsSync } from 'node:fs'

/** What statfs(2) calls the type of a file system (include/uapi/linux/magic.h). `ext`: ext2, ext3 and ext4. */
export const fileSystemType = {
  ext: 0xef53,
  xfs: 0x5846_5342,
  btrfs: 0x9123_683e,
  tmpfs: 0x0102_1994,
  f2fs: 0xf2f5_2010,
} as const

/** Those whose inode numbers are the same inside the kernel and for stat(2). */
const plain = new Set<number>(Object.values(fileSystemType))

/**
 * Whether the file system of `path` calls its files by the same inode numbers inside the kernel as stat(2) does: not so on
 * overlayfs, FUSE and network file systems. False where `path` cannot be looked at.
 */
export function hasPlainInodeNumbers(path: string | Buffer): boolean {
  try {
    return plain.has(statfsSync(path).type)
  } catch {
    return false
  }
}
