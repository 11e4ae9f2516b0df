import { closeSync, constants, fstatSync, openSync, statSync, type BigIntStats } from 'node:fs'
import { descriptorFlags, magicLink } from '../linux/process-files.ts'
import { readLink } from '../linux/process-details.ts'
import type { StandardFile } from './process-manager.ts'

/**
 * The regular file behind a descriptor of a process; null for terminals, pipes and sockets, which cannot be opened again,
 * and for a file that its name no longer leads to.
 */
export function standardFile(pid: number, descriptor: 0 | 1 | 2): StandardFile | null {
  const path = readLink(pid, `fd/${descriptor}`)
  const flags = descriptorFlags(pid, descriptor)
  if (!path?.startsWith('/') || flags === null) return null
  try {
    const held = statSync(magicLink(pid, `fd/${descriptor}`), { bigint: true })
    const file = { path, dev: held.dev.toString(), ino: held.ino.toString() }
    if (!held.isFile() || !isSame(statSync(path, { bigint: true }), file)) return null
    return { ...file, writable: (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0 }
  } catch {
    return null
  }
}

/** Opens a standard file again with the caller's rights, output to append; null where that cannot be or it is another file now. */
export function openStandardFile(file: StandardFile | null): number | null {
  if (!file) return null
  const access = file.writable ? constants.O_WRONLY | constants.O_APPEND : constants.O_RDONLY
  let opened: number
  try {
    opened = openSync(file.path, access | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return null
  }
  if (isSame(fstatSync(opened, { bigint: true }), file)) return opened
  closeSync(opened)
  return null
}

function isSame(stat: BigIntStats, { dev, ino }: Pick<StandardFile, 'dev' | 'ino'>): boolean {
  return stat.dev.toString() === dev && stat.ino.toString() === ino
}
