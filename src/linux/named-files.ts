import { closeSync, constants, lstatSync, opendirSync, openSync, readlinkSync, type Stats } from 'node:fs'
import { avoidedMounts } from './avoided-mounts.ts'
import { exactNumberOf, isExact, type ExactFileNumber } from './file-number.ts'
import { readMountsOf } from './mounts.ts'
import { pathOnly, readRegularFile } from './regular-file.ts'
import { effectiveUser } from './users.ts'

/** A file by the one name that has no symbolic links in it. */
export interface NamedFile extends ExactFileNumber {
  /** In the root of the process, bytes as latin1. */
  path: string
  /** `other`: a device, FIFO or socket. */
  type: 'file' | 'directory' | 'other'
  size: number
  /** When it was last changed or put there: its status change time, in milliseconds since 1970. */
  changedAt: number
}

interface KnownFile extends NamedFile {
  owner: number
  /** A directory in which everybody may put files, and remove only their own: /tmp. */
  isShared: boolean
}

/** The kernel's: PATH_MAX. */
const longestPath = 4096
/** Components and links on the way to one file. */
const deepest = 1000
/** Of a directory's mode: everybody may write, and remove only what is their own (S_ISVTX). */
const sharedMode = 0o1002
/** Names in one directory. */
const mostNames = 10_000
/** A path names nothing (path_resolution(7)); everything else is an error. */
const nothingThere = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EINVAL'])

/**
 * The files that a process finds by name, in its own root and mount namespace, whoever asks. The names come from the process,
 * and so from its user: no device, FIFO or socket is opened, file systems behind which a program of another user may sit are
 * not entered, and of links in a directory that everybody may write to only those of `user`, whose process it is, and of the
 * directory's owner are followed, whatever the machine says (proc_sys_fs(5), protected_symlinks). Links are followed here and
 * not by the kernel, for which an absolute one would lead into the root of the caller.
 *
 * Remembers everything it has looked up, also for other processes with the same root and user, so it lives for one detection.
 */
export class NamedFiles {
  readonly #user: number
  readonly #looked = new Map<string, KnownFile | null>()
  #avoided: ReadonlySet<string> | null = null
  #root: number | null = null
  /** How many names it has asked the kernel for. */
  lookups = 0

  constructor(user: number) {
    this.#user = user
  }

  /** Goes to the root of this process, until `close`: it may end meanwhile. Throws ENOENT, ESRCH, EACCES. */
  open(pid: number): void {
    this.#avoided ??= avoidedMounts(readMountsOf(pid), this.#user !== effectiveUser())
    this.#root = openSync(`/proc/${pid}/root`, pathOnly | constants.O_DIRECTORY)
  }

  close(): void {
    if (this.#root !== null) closeSync(this.#root)
    this.#root = null
  }

  /** What an absolute path leads to. Null where there is nothing, or it is not gone to; else throws the error of lstat(2). */
  find(path: string): NamedFile | null {
    return path.startsWith('/') && !path.includes('\0') ? this.#find(path, 0) : null
  }

  /** The first `limit` bytes of a regular file; null and errors as for `readRegularFile`. */
  read(file: NamedFile, limit: number): Buffer | null {
    return file.type === 'file' ? readRegularFile(this.#path(file.path), file, limit) : null
  }

  /** The names in a directory, the first 10,000 of them. Throws the error of opendir(3). */
  list(directory: NamedFile): string[] {
    const names: string[] = []
    const entries = opendirSync(this.#path(directory.path), { encoding: 'latin1' })
    try {
      for (let entry = entries.readSync(); entry && names.length < mostNames; entry = entries.readSync()) {
        names.push(entry.name)
      }
    } finally {
      entries.closeSync()
    }
    return names
  }

  #path(path: string): Buffer {
    return Buffer.from(`/proc/self/fd/${this.#root}${path}`, 'latin1')
  }

  #find(path: string, depth: number): KnownFile | null {
    const known = this.#looked.get(path)
    if (known !== undefined) return known
    if (depth > deepest || path.length > longestPath) return null
    // A path that is needed to find itself is a loop of links: it leads nowhere.
    this.#looked.set(path, null)
    try {
      const file = this.#look(path, depth)
      this.#looked.set(path, file)
      return file
    } catch (error) {
      if (nothingThere.has((error as NodeJS.ErrnoException).code ?? '')) return null
      this.#looked.delete(path)
      throw error
    }
  }

  #look(path: string, depth: number): KnownFile | null {
    if (path === '/') return this.#avoided?.has('/') ? null : this.#known('/', this.#stat('/.'))
    const slash = path.lastIndexOf('/')
    const name = path.slice(slash + 1)
    const directory = this.#find(path.slice(0, slash) || '/', depth + 1)
    if (directory?.type !== 'directory') return null
    if (name === '' || name === '.') return directory
    if (name === '..') return this.#find(directory.path.slice(0, directory.path.lastIndexOf('/')) || '/', depth + 1)
    const child = join(directory.path, name)
    if (child !== path) return this.#find(child, depth + 1)
    if (this.#avoided?.has(child)) return null
    const stat = this.#stat(child)
    if (!stat?.isSymbolicLink()) return this.#known(child, stat)
    if (directory.isShared && stat.uid !== this.#user && stat.uid !== directory.owner) return null
    const target = readlinkSync(this.#path(child), 'latin1')
    return this.#find(target.startsWith('/') ? target : join(directory.path, target), depth + 1)
  }

  #stat(path: string): Stats | undefined {
    this.lookups += 1
    return lstatSync(this.#path(path), { throwIfNoEntry: false })
  }

  #known(path: string, stat: Stats | undefined): KnownFile | null {
    if (!stat) return null
    const { dev, ino } = isExact(stat) ? stat : exactNumberOf(lstatSync(this.#path(path), { bigint: true }))
    return {
      path,
      dev: BigInt(dev),
      ino: BigInt(ino),
      type: stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other',
      size: stat.size,
      changedAt: stat.ctimeMs,
      owner: stat.uid,
      isShared: (stat.mode & sharedMode) === sharedMode,
    }
  }
}

function join(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`
}

/** The path under which this process reaches a file that another one has under `path` (latin1), while that runs. */
export function pathInRoot(pid: number, path: string): Buffer {
  return Buffer.from(`/proc/${pid}/root${path}`, 'latin1')
}
