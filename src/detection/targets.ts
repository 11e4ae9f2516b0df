import { reasonOf, walkTree } from '../linux/directory-tree.ts'
import { exactFileNumber, type ExactFileNumber } from '../linux/file-number.ts'
import { ListedFiles } from '../linux/listed-files.ts'
import { MountTable } from '../linux/mount-table.ts'
import type { RegisteredDirectory, RegisteredFile } from '../model/index.ts'
import { rememberedEntries } from './directory-contents.ts'
import { TargetIndex } from './target-index.ts'

/** The registered files and directories whose users are looked for. */
export interface DetectionTargets {
  files: RegisteredFile[]
  directories: RegisteredDirectory[]
}

/** So many paths or remembered files are looked at between two yields: under 0.1 ms, and not much more than a slice where they come from a disk. */
const stride = 32

/** A directory is listed for so many files in it at least, and only so far that listing costs less than looking at each. */
const listing = { files: 16, entriesPerFile: 4 } as const

/**
 * What the registered paths stand for: the file each named when it was registered, the one it names now, everything that
 * lies beneath a directory now, and what lay there when it was registered. A hundred thousand files take 0.15 s where they
 * lie in the same directories, 0.3 s where not; as many beneath a directory 0.1 s.
 */
export function* indexTargets(targets: DetectionTargets): Generator<void, TargetIndex> {
  const index = new TargetIndex()
  const mounts = new MountTable()
  for (const [directory, files] of yield* byDirectory(targets.files)) yield* addFiles(index, directory, files, mounts)
  for (const directory of targets.directories) {
    addVersions(index, directory, true, currentDirectory(directory.path))
    yield* addBeneath(index, directory, mounts)
  }
  return index
}

/** The files by the directory that their paths name, with its slash. They mostly come in the order of their paths. */
function* byDirectory(files: RegisteredFile[]): Generator<void, Map<string, RegisteredFile[]>> {
  const groups = new Map<string, RegisteredFile[]>()
  let directory = ''
  let group: RegisteredFile[] = []
  let count = 0
  for (const file of files) {
    const { path } = file
    const length = path.lastIndexOf('/') + 1
    if (length !== directory.length || !path.startsWith(directory)) {
      directory = path.slice(0, length)
      group = groups.get(directory) ?? []
      groups.set(directory, group)
    }
    group.push(file)
    count += 1
    if (count % stride === 0) yield
  }
  return groups
}

/** `directory` ends with a slash. */
function* addFiles(
  index: TargetIndex,
  directory: string,
  files: RegisteredFile[],
  mounts: MountTable,
): Generator<void, void> {
  const most = files.length * listing.entriesPerFile
  const listed = files.length < listing.files ? null : yield* ListedFiles.read(directory, most, mounts)
  let count = 0
  for (const file of files) {
    addVersions(index, file, false, listed?.get(file.path.slice(directory.length)) ?? currentFile(index, file.path))
    count += 1
    if (count % stride === 0) yield
  }
  yield
}

/** Adds the registered version and, where it is another, the one of now. While it has not changed there is only that one. */
function addVersions(
  index: TargetIndex,
  { path, identity }: RegisteredFile,
  isDirectory: boolean,
  now: ExactFileNumber | null | undefined,
): void {
  if (now) index.add({ path, ...now, isDirectory, replaced: false, handle: null })
  if (!identity || (now && now.dev === identity.dev && now.ino === identity.ino)) return
  index.add({ path, ...identity, isDirectory, replaced: now !== undefined })
}

/** What lies beneath a directory now, and what lay there when it was registered and does not any more. */
function* addBeneath(
  index: TargetIndex,
  { path, contents }: RegisteredDirectory,
  mounts: MountTable,
): Generator<void, void> {
  const unreadable = index.unreadable.length
  yield* walkTree(path, mounts, {
    entry: (entry) => index.addBeneath(path, entry),
    unreadable: (directory, reason) => void index.unreadable.push({ path: directory, reason }),
  })
  if (!contents) return
  const replaced = index.unreadable.length === unreadable
  let count = 0
  for (const entry of rememberedEntries(contents)) {
    if (!index.isNow(path, entry)) {
      const { dev, ino, exactIno, isDirectory } = entry
      const exact = { dev: BigInt(dev), ino: exactIno ?? BigInt(ino) }
      index.add({ path, ...exact, isDirectory, replaced, handle: entry.handle() })
    }
    count += 1
    if (count % stride === 0) yield
  }
}

/** Null: the path names nothing. Undefined: it cannot be told. */
function currentFile(index: TargetIndex, path: string): ExactFileNumber | null | undefined {
  try {
    return exactFileNumber(path) ?? null
  } catch (error) {
    index.unreadable.push({ path, reason: reasonOf(error) })
    return undefined
  }
}

/** As `currentFile`; why it cannot be told is found out again when its contents are looked at. */
function currentDirectory(path: string): ExactFileNumber | null | undefined {
  try {
    return exactFileNumber(path) ?? null
  } catch {
    return undefined
  }
}
