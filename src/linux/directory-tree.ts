import { getSystemErrorMessage } from 'node:util'
import { pathBytes, pathFromBytes } from '../text/index.ts'
import { listDirectory, type DirectoryListing } from './directory-listing.ts'
import { fileStatus, type FileStatus } from './file-number.ts'
import { hasPlainInodeNumbers } from './file-system.ts'
import type { MountsBeneath, MountTable } from './mount-table.ts'
import { procFailure } from './proc-error.ts'

/** Something beneath a directory. Holds until the next one is seen. */
export interface TreeEntry {
  dev: number
  /** Rounded where it is no safe integer; then `exactIno` has it in full. */
  ino: number
  exactIno: bigint | null
  isDirectory: boolean
  /** Its file handle (name_to_handle_at(2)), type and all; null where there is none. */
  handle(): Uint8Array | null
}

/** Who is shown what lies beneath a directory. */
export interface TreeVisitor {
  entry(entry: TreeEntry): void
  /** A directory beneath which nobody knows what lies; the reason is for a person. */
  unreadable(path: string, reason: string): void
}

const slash = Buffer.from('/')
const nothing = Buffer.alloc(0)

/** So many entries are looked at between two yields: under 0.1 ms, and not much more than a slice where they come from a disk. */
const stride = 32

/**
 * Shows `visitor` everything beneath a directory, mounts included except those of pseudo file systems (`MountTable.isPseudo`),
 * under whatever name; something with two names is shown twice. Symbolic links are entries and not followed, unless `path`
 * is one. What vanishes meanwhile is left out; where there is no directory at `path` (any more), nothing is shown. Yields
 * after every 32 entries. About 0.3 µs an entry.
 */
export function* walkTree(path: string, mounts: MountTable, visitor: TreeVisitor): Generator<void, void> {
  const top = Buffer.from(pathBytes(path))
  const status = attempt(top, visitor, () => fileStatus(top))
  const beneath = status?.isDirectory && attempt(top, visitor, () => mounts.beneath(top))
  if (!status || !beneath) return
  const walk: Walk = { mounts, beneath, visitor, seen: new Set(), plainDevices: new Map(), count: 0 }
  const waiting: Folder[] = [{ path: top, place: '', dev: status.dev, ino: idOf(status) }]
  for (let folder = waiting.pop(); folder; folder = waiting.pop()) {
    if (isSeen(walk, folder)) continue
    const { path: listed, place } = folder
    const listing = attempt(listed, visitor, () => listDirectory(listed, place === ''))
    if (!listing) continue
    try {
      yield* showEntries(walk, folder, listing, waiting)
    } catch (error) {
      report(error, listed, visitor)
    } finally {
      listing.close()
    }
  }
}

/** Why something could not be read, for a person: `permission denied (EACCES)`. */
export function reasonOf(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException
  return code === undefined || errno === undefined ? message : `${getSystemErrorMessage(errno)} (${code})`
}

interface Walk {
  mounts: MountTable
  beneath: MountsBeneath
  visitor: TreeVisitor
  /** Directories with nothing mounted beneath that have been shown: bind mounts would show them again. */
  seen: Set<string>
  plainDevices: Map<number, boolean>
  count: number
}

interface Folder {
  path: Buffer
  /** From the top on, as bytes (a string of latin1): `` or `/a/b`. */
  place: string
  dev: number
  ino: bigint | number
}

function* showEntries(walk: Walk, folder: Folder, listing: DirectoryListing, waiting: Folder[]): Generator<void, void> {
  const { visitor, beneath } = walk
  const covered = beneath.pointsIn(folder.place)
  const plain = isPlain(walk, folder)
  const handle = (): Uint8Array | null => listing.handle()
  const entry: TreeEntry = { dev: folder.dev, ino: 0, exactIno: null, isDirectory: false, handle }
  while (listing.next()) {
    const { type, ino } = listing
    const told = plain && type !== 'directory' && type !== 'unknown' && Number.isSafeInteger(ino)
    if (told && !covered?.has(listing.key())) {
      entry.ino = ino
      visitor.entry(entry)
    } else {
      lookAtEntry(walk, folder, listing, waiting)
    }
    walk.count += 1
    if (walk.count % stride === 0) yield
  }
}

/** Directories, whatever is mounted, and what the listing does not tell for sure. */
function lookAtEntry({ mounts, visitor }: Walk, folder: Folder, listing: DirectoryListing, waiting: Folder[]): void {
  const path = Buffer.concat([isRoot(folder.path) ? nothing : folder.path, slash, listing.name()])
  const status = attempt(path, visitor, () => fileStatus(path, false))
  if (!status || (status.dev !== folder.dev && mounts.isPseudo(status.dev))) return
  visitor.entry({ ...status, handle: () => listing.handle() })
  if (!status.isDirectory) return
  waiting.push({ path, place: `${folder.place}/${listing.key()}`, dev: status.dev, ino: idOf(status) })
}

/** Where something is mounted beneath it has to be gone through, for that. */
function isSeen({ beneath, seen }: Walk, { place, dev, ino }: Folder): boolean {
  if (beneath.leadsToPoint(place)) return false
  const key = `${dev} ${ino}`
  if (seen.has(key)) return true
  seen.add(key)
  return false
}

/** Whether what is no directory has the device of the folder and the inode number that the folder's listing says. */
function isPlain({ beneath, plainDevices }: Walk, { dev, path }: Folder): boolean {
  let plain = plainDevices.get(dev)
  if (plain === undefined) plainDevices.set(dev, (plain = beneath.known && hasPlainInodeNumbers(path)))
  return plain
}

function attempt<Result>(path: Buffer, visitor: TreeVisitor, act: () => Result): Result | undefined {
  try {
    return act()
  } catch (error) {
    report(error, path, visitor)
    return undefined
  }
}

/** A directory that has gone meanwhile, or whose place something else has taken, has nothing beneath. */
function report(error: unknown, path: Buffer, visitor: TreeVisitor): void {
  const failure = procFailure(error)
  if (failure === 'ours') throw error
  if (failure === 'vanished' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return
  visitor.unreadable(pathFromBytes(path), reasonOf(error))
}

function idOf({ ino, exactIno }: FileStatus): bigint | number {
  return exactIno ?? ino
}

function isRoot(path: Buffer): boolean {
  return path.length === 1
}
