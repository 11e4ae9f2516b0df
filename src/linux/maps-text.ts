import { closeSync, openSync, readSync } from 'node:fs'
import { deviceNumber, isExact } from './file-number.ts'
import { sameFile, type FileMapping, type MappingKind, type MappingReader } from './file-mapping.ts'

const newline = 0x0a
const letterX = 0x78
/** The kernel hands out a page at a time, whole lines; a line is at most a path (4,096 bytes, up to four times that escaped) longer. */
const bufferSize = 128 * 1024

/** Reads `/proc/PID/maps` (proc_pid_maps(5)): everywhere, without koffi. */
export function mapsTextReader(): MappingReader {
  const buffer = Buffer.allocUnsafe(bufferSize)
  return { means: 'text', read: (pid, kind) => readMappings(buffer, pid, kind) }
}

function* readMappings(buffer: Buffer, pid: number, kind: MappingKind = 'any'): Generator<FileMapping, void> {
  const line: MapsLine = { dev: 0, ino: 0, start: 0, end: 0, executable: false }
  const mapping: FileMapping = { dev: 0, ino: 0, start: 0, end: 0 }
  const descriptor = openSync(`/proc/${pid}/maps`, 'r')
  try {
    let kept = 0
    let isEmpty = true
    for (;;) {
      const length = kept + readSync(descriptor, buffer, kept, buffer.length - kept, null)
      if (length === kept) {
        if (isEmpty) throw gaveUpItsMemory()
        return
      }
      isEmpty = false
      let from = 0
      for (let to = buffer.indexOf(newline); to >= 0 && to < length; to = buffer.indexOf(newline, from)) {
        parseMapsLine(buffer, from, line)
        from = to + 1
        if (line.ino === 0 || (kind === 'executable' && !line.executable) || sameFile(line, mapping)) continue
        mapping.dev = line.dev
        mapping.ino = line.ino
        mapping.start = line.start
        mapping.end = line.end
        yield mapping
      }
      buffer.copyWithin(0, from, length)
      kept = length - from
    }
  } finally {
    closeSync(descriptor)
  }
}

/** What has memory has a stack. Before Linux 6.16 maps of a process that is ending could be opened, and had no line. */
function gaveUpItsMemory(): Error {
  return Object.assign(new Error('ESRCH: maps without a line'), { code: 'ESRCH' })
}

/** One line: a mapping of a file or, where `ino` is 0, of none. */
export interface MapsLine extends FileMapping {
  /** It holds code. */
  executable: boolean
}

/** `start-end perms offset major:minor inode  path`, read from the bytes: the path, which may hold anything, is not looked at. */
export function parseMapsLine(bytes: Buffer, from: number, into: MapsLine): void {
  let at = from
  const number = (base: 10 | 16): number => {
    let value = 0
    for (;;) {
      const digit = digitValue(bytes[at++] ?? newline)
      if (digit < 0) return value
      value = value * base + digit
    }
  }
  into.start = number(16)
  into.end = number(16)
  into.executable = bytes[at + 2] === letterX
  at += 'rwxp '.length
  number(16)
  const major = number(16)
  into.dev = deviceNumber(major, number(16))
  const ino = at
  into.ino = number(10)
  // Digit by digit a number that is too large would be rounded otherwise than in one go, as stat(2) and the kernel's answer are.
  if (!isExact(into)) into.ino = Number(bytes.toString('latin1', ino, at - 1))
}

function digitValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57
  return -1
}
