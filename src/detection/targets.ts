import { entriesBeneath } from '../linux/directory-tree.ts'
import { exactFileNumber, type ExactFileNumber } from '../linux/file-number.ts'
import type { RegisteredFile } from '../model/index.ts'
import { TargetIndex } from './target-index.ts'

/** The registered files and directories whose users are looked for. */
export interface DetectionTargets {
  files: RegisteredFile[]
  directories: RegisteredFile[]
}

/**
 * What the registered paths stand for: the file each named when it was registered, the one it names now, and everything
 * that lies beneath a directory now. Yields after every file.
 */
export function* indexTargets(targets: DetectionTargets): Generator<void, TargetIndex> {
  const index = new TargetIndex()
  for (const file of targets.files) {
    addVersions(index, file, false)
    yield
  }
  for (const directory of targets.directories) {
    addVersions(index, directory, true)
    for (const { dev, ino, isDirectory } of entriesBeneath(directory.path)) {
      index.add({ path: directory.path, dev, ino, isDirectory, replaced: false, handle: null })
      yield
    }
  }
  return index
}

/** Adds the registered version and, where it is another, the one of now. While it has not changed there is only that one. */
function addVersions(index: TargetIndex, { path, identity }: RegisteredFile, isDirectory: boolean): void {
  const now = currentFile(path)
  if (now) index.add({ path, ...now, isDirectory, replaced: false, handle: null })
  if (!identity || (now && now.dev === identity.dev && now.ino === identity.ino)) return
  index.add({ path, ...identity, isDirectory, replaced: now !== undefined })
}

/** Null: the path names nothing. Undefined: it cannot be told. */
function currentFile(path: string): ExactFileNumber | null | undefined {
  try {
    const file = exactFileNumber(path)
    return file ? { dev: file.dev, ino: file.ino } : null
  } catch {
    return undefined
  }
}
