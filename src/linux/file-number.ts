import { lstatSync, statSync, type BigIntStats, type Stats } from 'node:fs'
import { constants } from 'node:os'
import { pathBytes } from '../text/index.ts'
import { libc, type NativeFunction } from './libc.ts'
import { addressOf, nativeError, nativeFunction } from './native-function.ts'

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

/** What a path names. */
export interface FileStatus extends FileNumber {
  /** The inode number in full where `ino` is rounded. */
  exactIno: bigint | null
  isDirectory: boolean
  /** What it is mounted with, as in the first field of mountinfo (STATX_MNT_ID, Linux 5.8). Null: not known. */
  mount: number | null
}

const { ENOENT, ENOTDIR, ENOSYS, EPERM } = constants.errno
const AT_FDCWD = -100
const AT_SYMLINK_NOFOLLOW = 0x100
const AT_NO_AUTOMOUNT = 0x800
/** What the kernel has in its cache is good enough: otherwise a network mount whose server is dead would hold us up. */
const AT_STATX_DONT_SYNC = 0x4000
const STATX_TYPE = 0x1
const STATX_INO = 0x100
const STATX_MNT_ID = 0x1000
const typeMask = 0o170000
const directoryType = 0o040000
const twoTo32 = 0x1_0000_0000

const prototype = 'int statx(int directory, const char *path, int flags, unsigned int mask, uintptr_t status)'

// struct statx (include/uapi/linux/stat.h), 256 bytes, as 32-bit words. Used by one call at a time, which never waits.
const status = new Uint32Array(64)
const word = { mask: 0, mode: 7, ino: 8, major: 34, minor: 35, mount: 36 } as const

let statx: NativeFunction | null | undefined
let address = 0

/** Whether the inode number came through whole. */
export function isExact(file: FileNumber): boolean {
  return Number.isSafeInteger(file.ino)
}

/** Of what `path` names, symbolic links followed. Undefined where there is nothing; every other error of stat(2) is thrown. */
export function fileNumber(path: string | Buffer): FileNumber | undefined {
  return fileStatus(path)
}

/** As `fileNumber`, in full. */
export function exactFileNumber(path: string | Buffer): ExactFileNumber | undefined {
  const status = fileStatus(path)
  return status && { dev: BigInt(status.dev), ino: status.exactIno ?? BigInt(status.ino) }
}

/** Of what Node's stat functions say: their 64 bits are signed, and inode numbers are not. */
export function exactNumberOf({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): ExactFileNumber {
  return { dev, ino: BigInt.asUintN(64, ino) }
}

/** The number stat(2) gives for a device (makedev(3)); the kernel has 12 bits for the major and 20 for the minor number. */
export function deviceNumber(major: number, minor: number): number {
  return (minor & 0xff) + major * 0x100 + (minor >>> 8) * 0x10_0000
}

/**
 * What `path` (without a NUL byte) names, symbolic links followed unless `follow` is false. Nothing is mounted and no server
 * is asked, where that can be avoided. Undefined where there is nothing (ENOENT, ENOTDIR); every other error of stat(2) is
 * thrown. About 1.7 µs, nearly all of it the kernel's.
 */
export function fileStatus(path: string | Buffer, follow = true): FileStatus | undefined {
  if (statx === undefined) {
    statx = nativeFunction(prototype)
    address = addressOf(status)
  }
  const name = typeof path === 'string' ? pathBytes(path) : path
  if (!statx) return statusByNode(name, follow)
  const flags = AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT | (follow ? 0 : AT_SYMLINK_NOFOLLOW)
  const terminated = typeof name === 'string' ? name : Buffer.concat([name, Buffer.alloc(1)])
  if (statx(AT_FDCWD, terminated, flags, STATX_TYPE | STATX_INO | STATX_MNT_ID, address) === 0) return statusHere()
  const errno = libc()?.errno()
  if (errno === ENOENT || errno === ENOTDIR) return undefined
  // Before Linux 4.11, and in old containers, where it is not allowed.
  if (errno === ENOSYS || errno === EPERM) return statusByNode(name, follow)
  throw nativeError('statx')
}

function statusHere(): FileStatus {
  const at = (index: number): number => status[index] ?? 0
  const [low, high] = [at(word.ino), at(word.ino + 1)]
  const ino = high * twoTo32 + low
  return {
    dev: deviceNumber(at(word.major), at(word.minor)),
    ino,
    exactIno: Number.isSafeInteger(ino) ? null : (BigInt(high) << 32n) | BigInt(low),
    isDirectory: (at(word.mode) & typeMask) === directoryType,
    mount: (at(word.mask) & STATX_MNT_ID) === 0 ? null : at(word.mount + 1) * twoTo32 + at(word.mount),
  }
}

function statusByNode(path: string | Buffer, follow: boolean): FileStatus | undefined {
  const stat = follow ? statSync : lstatSync
  const quick: Stats | undefined = stat(path, { throwIfNoEntry: false })
  if (!quick) return undefined
  const shared = { dev: quick.dev, isDirectory: quick.isDirectory(), mount: null }
  if (Number.isSafeInteger(quick.ino)) return { ...shared, ino: quick.ino, exactIno: null }
  const exact: BigIntStats | undefined = stat(path, { bigint: true, throwIfNoEntry: false })
  if (!exact) return undefined
  const { ino } = exactNumberOf(exact)
  return { ...shared, ino: Number(ino), exactIno: ino }
}
