import { lstatSync, statSync } from 'node:fs'

/**
 * Device and inode as JavaScript numbers, which cost half of what bigints do. Exact while the inode number is a safe
 * integer (`isExact`); beyond that they only make a candidate.
 */
export interface FileNumber {
  dev: number
  ino: number
}

/** Device and inode in full, whatever their size. */
export interface ExactFileNumber {
  dev: bigint
  ino: bigint
}

/** Whether the inode number came through whole. */
export function isExact(file: FileNumber): boolean {
  return Number.isSafeInteger(file.ino)
}

/** Of what `path` names, symbolic links followed. Undefined where there is nothing; every other error of stat(2) is thrown. */
export function fileNumber(path: string): FileNumber | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

/** As `fileNumber`, in full. */
export function exactFileNumber(path: string | Buffer): ExactFileNumber | undefined {
  const quick = statSync(path, { throwIfNoEntry: false })
  return quick && (widen(quick) ?? statSync(path, { bigint: true, throwIfNoEntry: false }))
}

/** As `exactFileNumber`, of `path` itself should it be a symbolic link. */
export function exactFileNumberOfLink(path: string | Buffer): ExactFileNumber | undefined {
  const quick = lstatSync(path, { throwIfNoEntry: false })
  return quick && (widen(quick) ?? lstatSync(path, { bigint: true, throwIfNoEntry: false }))
}

/** The number stat(2) gives for a device (makedev(3)); the kernel has 12 bits for the major and 20 for the minor number. */
export function deviceNumber(major: number, minor: number): number {
  return (minor & 0xff) + major * 0x100 + (minor >>> 8) * 0x10_0000
}

function widen(file: FileNumber): ExactFileNumber | null {
  return isExact(file) ? { dev: BigInt(file.dev), ino: BigInt(file.ino) } : null
}
