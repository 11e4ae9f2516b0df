import { readFileSync, readlinkSync } from 'node:fs'
import { pathFromBytes } from '../text/index.ts'

/** What Node writes for bytes that are no UTF-8. */
const replacement = '\ufffd'

/**
 * The last arguments of this process as they were given, with what Node had to replace as `pathFromBytes` has it. Those that
 * hold nothing replaced, and those that are none of this process, come back as they are.
 */
export function exactArguments(last: string[]): string[] {
  if (!last.some((one) => one.includes(replacement))) return last
  const given = splitAtNul(readFileSync('/proc/self/cmdline')).slice(-last.length)
  return last.map((one, index) => {
    const bytes = given[index]
    return bytes?.toString() === one ? pathFromBytes(bytes) : one
  })
}

/** The working directory, also where its path is no UTF-8. */
export function workingDirectory(): string {
  const directory = process.cwd()
  return directory.includes(replacement) ? pathFromBytes(readlinkSync('/proc/self/cwd', 'buffer')) : directory
}

/** Each ends with a NUL byte. */
function splitAtNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let start = 0
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    parts.push(bytes.subarray(start, end))
    start = end + 1
  }
  return parts
}
