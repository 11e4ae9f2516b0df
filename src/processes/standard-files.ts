import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs'
import { readLink } from '../linux/process-details.ts'
import type { StandardFile } from './process-manager.ts'

/** The regular file behind a descriptor of a process; null for terminals, pipes and sockets, which cannot be opened again. */
export function standardFile(pid: number, descriptor: number): StandardFile | null {
  const path = readLink(pid, `fd/${descriptor}`)
  if (!path?.startsWith('/')) return null
  try {
    const stat = statSync(path, { bigint: true })
    return stat.isFile() ? { path, dev: stat.dev.toString(), ino: stat.ino.toString() } : null
  } catch {
    return null
  }
}

/**
 * Opens a standard file again, output to append; null where that cannot be. Only the very file that it was: as root a
 * path of another user's must not lead anywhere else.
 */
export function openStandardFile(file: StandardFile | null, descriptor: number): number | null {
  if (!file) return null
  const access = descriptor === 0 ? constants.O_RDONLY : constants.O_WRONLY | constants.O_APPEND
  let opened: number
  try {
    opened = openSync(file.path, access | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return null
  }
  const stat = fstatSync(opened, { bigint: true })
  if (stat.dev.toString() === file.dev && stat.ino.toString() === file.ino) return opened
  closeSync(opened)
  return null
}
