import { statfsSync } from 'node:fs'

/** File systems whose inode numbers are the same inside the kernel and for stat(2) (include/uapi/linux/magic.h). */
const plain = new Set([
  0xef53, // ext2, ext3, ext4
  0x5846_5342, // xfs
  0x9123_683e, // btrfs
  0x0102_1994, // tmpfs
  0xf2f5_2010, // f2fs
])

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
