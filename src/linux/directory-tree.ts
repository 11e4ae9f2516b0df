import { opendirSync, type Dir } from 'node:fs'
import { exactFileNumberOfLink, type ExactFileNumber } from './file-number.ts'

export interface DirectoryEntry extends ExactFileNumber {
  isDirectory: boolean
}

const slash = Buffer.from('/')

/**
 * Everything beneath a directory, mounts included; symbolic links are entries and not followed. Names are taken as bytes,
 * whatever they hold. What vanishes meanwhile or may not be read is left out: nobody can tell what lies beneath it.
 */
export function* entriesBeneath(path: string | Buffer): Generator<DirectoryEntry, void> {
  const directory = open(path)
  if (!directory) return
  const folder = Buffer.concat([Buffer.from(path), slash])
  const subdirectories: Buffer[] = []
  try {
    for (let entry = directory.readSync(); entry; entry = directory.readSync()) {
      // Asked for buffers; the types of Node 24 have no Dir of them.
      const child = Buffer.concat([folder, entry.name as unknown as Buffer])
      const number = look(child)
      if (!number) continue
      const isDirectory = entry.isDirectory()
      if (isDirectory) subdirectories.push(child)
      yield { ...number, isDirectory }
    }
  } finally {
    directory.closeSync()
  }
  for (const subdirectory of subdirectories) yield* entriesBeneath(subdirectory)
}

function open(path: string | Buffer): Dir | null {
  try {
    return opendirSync(path, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 })
  } catch {
    return null
  }
}

function look(path: Buffer): ExactFileNumber | undefined {
  try {
    return exactFileNumberOfLink(path)
  } catch {
    return undefined
  }
}
