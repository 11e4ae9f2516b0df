import { closeSync, constants as files, fstatSync, openSync, statfsSync, type Stats } from 'node:fs'
import { constants } from 'node:os'
import { isAtLeast, kernelRelease } from './capabilities.ts'
import { pathBytes } from '../text/index.ts'
import { exactNumberOf, isExact, type ExactFileNumber } from './file-number.ts'
import { fileSystemType } from './file-system.ts'
import { libc, type Libc } from './libc.ts'
import { readLocks, type FileLock } from './locks.ts'
import { pathOnly } from './regular-file.ts'
import { effectiveUser } from './users.ts'

/** `free`: nobody has the file open, mapped or running. `held`: somebody has. `unknown`: it cannot be told, or not without harm. */
export type LeaseAnswer = 'free' | 'held' | 'unknown'

/** Asks for the file that `path` names (symbolic links followed), which has to be `expected`. Throws nothing. About 15 µs. */
export type LeaseProbe = (path: string | Buffer, expected: ExactFileNumber) => LeaseAnswer

// The same numbers on every processor that Node runs on (include/uapi/asm-generic/fcntl.h, linux/fcntl.h).
const F_SETSIG = 10
const F_SETLEASE = 1024
const F_WRLCK = 1
const F_UNLCK = 2

const prototype = 'int fcntl(int descriptor, int command, long argument)'

interface FileSystem {
  /** /proc/locks and stat(2) name its device alike. */
  sameDevice: boolean
}

/**
 * File systems whose leases are right, by what statfs(2) calls their type. Overlayfs is none: it does not count those
 * who have a file of it only mapped.
 */
const leasable: ReadonlyMap<number, FileSystem> = new Map([
  [fileSystemType.ext, { sameDevice: true }],
  [fileSystemType.xfs, { sameDevice: true }],
  [fileSystemType.f2fs, { sameDevice: true }],
  [fileSystemType.tmpfs, { sameDevice: true }],
  [fileSystemType.btrfs, { sameDevice: false }],
])

/**
 * A probe by write leases: Linux grants one exactly when nobody else has the file open (exact since Linux 5.3,
 * check_conflicting_open in fs/locks.c), whoever that is and wherever it keeps it. It is given back at once.
 *
 * What others hold is read here, so make a new probe after every turn of the event loop. Without koffi, on an older kernel
 * and where not all leases are shown, every answer is `unknown`.
 */
export function createLeaseProbe(): LeaseProbe {
  const library = libc()
  const locks = library && leasesAreExact(kernelRelease()) ? readLocks() : null
  if (!library || !locks) return () => 'unknown'
  const locked = new Locked(locks.filter(suffers))
  const fileSystems = new FileSystems()
  return (path, expected) => {
    try {
      return probe({ library, locked, fileSystems }, path, expected)
    } catch {
      return 'unknown'
    }
  }
}

/** Whether write leases tell who has a file open: since Linux 5.3. */
export function leasesAreExact(kernel: string): boolean {
  return isAtLeast(kernel, 5, 3)
}

/**
 * Whether a lock suffers from the probe: opening the file breaks the lease of another, and closing it drops the locks that
 * this process has on it (fcntl_locking(2)).
 */
function suffers({ kind, pid }: FileLock): boolean {
  return kind === 'LEASE' || kind === 'DELEG' || (kind === 'POSIX' && pid === process.pid)
}

/** Files that are locked, by inode number. */
class Locked {
  readonly #devices = new Map<number, Set<number>>()

  constructor(locks: FileLock[]) {
    for (const { ino, dev } of locks) {
      const devices = this.#devices.get(ino) ?? new Set()
      this.#devices.set(ino, devices.add(dev))
    }
  }

  /** Who has a lease or a lock on a file has it open. Null: it is not locked. */
  answer(file: Stats, sameDevice: boolean): LeaseAnswer | null {
    const devices = this.#devices.get(file.ino)
    if (!devices) return null
    if (!sameDevice || !isExact(file)) return 'unknown'
    return devices.has(file.dev) ? 'held' : null
  }
}

/** The file systems that files are on, each asked for once. */
class FileSystems {
  readonly #known = new Map<number, FileSystem | null>()

  /** Null: leases are not to be trusted there. */
  of({ dev }: Stats, name: string): FileSystem | null {
    let known = this.#known.get(dev)
    if (known === undefined) this.#known.set(dev, (known = leasable.get(statfsSync(name).type) ?? null))
    return known
  }
}

interface Means {
  library: Libc
  locked: Locked
  fileSystems: FileSystems
}

/** Looks at the file through O_PATH, which opens nothing and breaks nothing, and opens that very file only when it may. */
function probe({ library, locked, fileSystems }: Means, path: string | Buffer, expected: ExactFileNumber): LeaseAnswer {
  const location = openSync(typeof path === 'string' ? pathBytes(path) : path, pathOnly)
  try {
    const file = fstatSync(location)
    if (!file.isFile() || !isSame(location, file, expected) || !mayLease(file)) return 'unknown'
    const name = `/proc/self/fd/${location}`
    const fileSystem = fileSystems.of(file, name)
    if (!fileSystem) return 'unknown'
    return locked.answer(file, fileSystem.sameDevice) ?? lease(library, name)
  } finally {
    closeSync(location)
  }
}

function isSame(descriptor: number, file: Stats, { dev, ino }: ExactFileNumber): boolean {
  const { dev: itsDev, ino: itsIno } = isExact(file) ? file : exactNumberOf(fstatSync(descriptor, { bigint: true }))
  return BigInt(itsDev) === dev && BigInt(itsIno) === ino
}

/** Leases are for the file's owner and those with CAP_LEASE (fcntl(2)); a file of another is not opened in vain. */
function mayLease({ uid }: Stats): boolean {
  const user = effectiveUser()
  return user === 0 || user === uid
}

/**
 * Who opens the file in the meantime waits until the lease is given back, and this process is sent a signal: SIGIO, which
 * would end it, or what F_SETSIG says. SIGURG is ignored by default, and Node leaves it so. A lease is given back before
 * the file is closed, since a child that is just being started may have a copy of the descriptor.
 */
function lease(library: Libc, name: string): LeaseAnswer {
  const fcntl = library.func(prototype)
  let descriptor: number
  try {
    descriptor = openSync(name, files.O_RDONLY | files.O_NONBLOCK)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 'held' : 'unknown'
  }
  try {
    if (fcntl(descriptor, F_SETSIG, constants.signals.SIGURG) !== 0) return 'unknown'
    if (fcntl(descriptor, F_SETLEASE, F_WRLCK) !== 0) {
      return library.errno() === constants.errno.EAGAIN ? 'held' : 'unknown'
    }
    fcntl(descriptor, F_SETLEASE, F_UNLCK)
    return 'free'
  } finally {
    closeSync(descriptor)
  }
}
