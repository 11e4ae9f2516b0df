import { readlinkSync } from 'node:fs'
import { exactFileNumber } from './file-number.ts'
import type { FileMapping } from './file-mapping.ts'

/** A name under which this process reaches a file that another one has, and what stat(2) says of it. */
export interface ReachedFile {
  path: string | Buffer
  dev: bigint
  ino: bigint
}

/**
 * The very file a mapping maps: through `/proc/PID/map_files`, which takes CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE; where
 * that is refused, what the mapping's path names in the process's own root, which the caller has to compare. Null where
 * neither can be had (the mapping has gone, the file has lost its name).
 */
export function mappedFile(pid: number, mapping: FileMapping): ReachedFile | null {
  const link = `/proc/${pid}/map_files/${mapping.start.toString(16)}-${mapping.end.toString(16)}`
  return (
    reach(() => link) ?? reach(() => Buffer.concat([Buffer.from(`/proc/${pid}/root`), readlinkSync(link, 'buffer')]))
  )
}

function reach(name: () => string | Buffer): ReachedFile | null {
  try {
    const path = name()
    const file = exactFileNumber(path)
    return file ? { path, dev: file.dev, ino: file.ino } : null
  } catch {
    return null
  }
}
