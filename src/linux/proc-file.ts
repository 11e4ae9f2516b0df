import { closeSync, openSync, readSync } from 'node:fs'

/** Used by one reader at a time, which never waits; grows with what is read. */
let buffer = Buffer.allocUnsafe(16 * 1024)

/**
 * The text of a file of `/proc`, which has no size to read it by: half the time that readFileSync takes. Throws the errors of
 * open(2) and read(2).
 */
export function readProcText(path: string, encoding: 'utf8' | 'latin1'): string {
  const descriptor = openSync(path, 'r')
  try {
    let length = 0
    for (;;) {
      const count = readSync(descriptor, buffer, length, buffer.length - length, null)
      if (count === 0) return buffer.toString(encoding, 0, length)
      length += count
      if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)])
    }
  } finally {
    closeSync(descriptor)
  }
}
