import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { exactNumberOf, type ExactFileNumber } from './file-number.ts'

/** open(2): names a file without opening it, so that nothing happens to a device or FIFO. Node has no name for it. */
export const pathOnly = 0o10000000

/**
 * The first `limit` bytes of the very file `expected`. Null where `path` leads to another one by now, or to no regular file.
 * It is opened only once it is known to be that file, and never waited for: one that another process has a lease on is
 * refused with EAGAIN (fcntl(2)). Throws the errors of open(2) and read(2).
 */
export function readRegularFile(path: Buffer, expected: ExactFileNumber, limit: number): Buffer | null {
  const named = openSync(path, pathOnly | constants.O_NOFOLLOW)
  try {
    const stat = fstatSync(named, { bigint: true })
    const { dev, ino } = exactNumberOf(stat)
    if (!stat.isFile() || dev !== expected.dev || ino !== expected.ino) return null
    return readStart(`/proc/self/fd/${named}`, Math.min(Number(stat.size), limit))
  } finally {
    closeSync(named)
  }
}

/** What a file grows by while it is read is left out. */
function readStart(path: string, size: number): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    const content = Buffer.alloc(size)
    let length = 0
    while (length < size) {
      const count = readSync(descriptor, content, length, size - length, null)
      if (count === 0) break
      length += count
    }
    return content.subarray(0, length)
  } finally {
    closeSync(descriptor)
  }
}
