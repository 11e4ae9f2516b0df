import { statSync } from 'node:fs'
import type { FileIdentity } from '../model/index.ts'
import { readFileHandle } from './file-handle.ts'

export interface InspectedPath {
  identity: FileIdentity
  isDirectory: boolean
}

/**
 * What `path` names, symbolic links followed. Null where there is nothing (ENOENT, ENOTDIR); every other error of stat(2)
 * is thrown. About 5 µs where it is in the kernel's cache.
 */
export function inspectPath(path: string): InspectedPath | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (!stat) return null
  return { identity: { dev: stat.dev, ino: stat.ino, handle: readFileHandle(path) }, isDirectory: stat.isDirectory() }
}

/** The identity of the file or directory that `path` names; null and errors as for `inspectPath`. */
export function identifyFile(path: string): FileIdentity | null {
  return inspectPath(path)?.identity ?? null
}
