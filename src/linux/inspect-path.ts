import type { FileIdentity } from '../model/index.ts'
import { readFileHandle } from './file-handle.ts'
import { fileStatus } from './file-number.ts'

export interface InspectedPath {
  identity: FileIdentity
  isDirectory: boolean
}

/**
 * What `path` names, symbolic links followed. Null where there is nothing (ENOENT, ENOTDIR); every other error of stat(2)
 * is thrown. About 4 µs where it is in the kernel's cache, half of it for the handle, which is left out where it is not wanted.
 */
export function inspectPath(path: string, withHandle = true): InspectedPath | null {
  const status = fileStatus(path)
  if (!status) return null
  const ino = status.exactIno ?? BigInt(status.ino)
  const handle = withHandle ? readFileHandle(path) : null
  return { identity: { dev: BigInt(status.dev), ino, handle }, isDirectory: status.isDirectory }
}

/** The identity of the file or directory that `path` names; null and errors as for `inspectPath`. */
export function identifyFile(path: string): FileIdentity | null {
  return inspectPath(path)?.identity ?? null
}
