import { isUtf8 } from 'node:buffer'

/** A byte that is no UTF-8 is this plus the byte: 0xDC80 to 0xDCFF, low surrogates without a high one before them. */
const escape = 0xdc00
/** What a lone surrogate may be in a path: a byte above 0x7F. Matches with the flag `u` only those without a partner. */
const foreignSurrogate = /[\ud800-\udc7f\udd00-\udfff]/u
const escapedByte = /[\udc80-\udcff]/u

/**
 * A path out of its bytes. Linux takes any bytes for one; those that are no UTF-8 become lone surrogates, each byte one, so
 * that `pathBytes` gives back the same bytes (PEP 383, "surrogateescape").
 */
export function pathFromBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString()
  let path = ''
  for (let start = 0; start < bytes.length;) {
    const end = start + lengthOfCharacter(bytes, start)
    path += end > start ? bytes.toString('utf8', start, end) : String.fromCharCode(escape + (bytes[start] ?? 0))
    start = Math.max(end, start + 1)
  }
  return path
}

/** The path as node:fs and the C library take it: itself, or its bytes where they are no UTF-8. */
export function pathBytes(path: string): string | Buffer {
  return path.isWellFormed() ? path : Buffer.concat(path.split(/([\udc80-\udcff])/u).map(partBytes))
}

/** Whether the text stands for bytes: every lone surrogate is an escaped byte. */
export function standsForBytes(text: string): boolean {
  return text.isWellFormed() || !foreignSurrogate.test(text)
}

function partBytes(part: string): Buffer {
  return escapedByte.test(part) ? Buffer.of(part.charCodeAt(0) - escape) : Buffer.from(part)
}

/** How many bytes the character at `start` has; 0 where there is no whole one. */
function lengthOfCharacter(bytes: Buffer, start: number): number {
  const first = bytes[start] ?? 0
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  const end = start + length
  return end <= bytes.length && isUtf8(bytes.subarray(start, end)) ? length : 0
}
