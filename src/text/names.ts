import { RestartManagerError } from '../errors/index.ts'
import { pathBytes, standsForBytes } from './path-bytes.ts'

/** The longest path Linux takes, with its NUL (PATH_MAX, limits.h). */
const longestPath = 4096

/**
 * Any absolute path may name a file, also with spaces, newlines and control characters, and with bytes that are no UTF-8
 * (`pathFromBytes`). Errors: INVALID_ARGUMENT.
 */
export function assertPath(path: unknown): asserts path is string {
  if (typeof path !== 'string') throw invalid(`Not a path: ${String(path)}; wanted a text`)
  if (path === '') throw invalid('The path is empty; wanted an absolute path')
  if (path.includes('\0')) throw invalid(`The path has a NUL byte: ${JSON.stringify(path)}`)
  if (!path.startsWith('/')) {
    throw new RestartManagerError('INVALID_ARGUMENT', `Not an absolute path: ${JSON.stringify(path)}`, {
      hint: 'Paths begin with /: path.resolve(file) makes one',
    })
  }
  if (!standsForBytes(path)) {
    throw new RestartManagerError('INVALID_ARGUMENT', `The path has half a character: ${JSON.stringify(path)}`, {
      hint: 'A byte that is no UTF-8 is U+DC00 plus the byte, as in "\\udcff" for 0xFF',
    })
  }
  const length = Buffer.byteLength(pathBytes(path))
  if (length >= longestPath) throw invalid(`The path has ${length} bytes; at most ${longestPath - 1} are possible`)
}

/** A name as service managers allow: at most 255 characters out of letters, digits and `:-_.\@` (systemd.unit(5)). Errors: INVALID_ARGUMENT. */
export function assertServiceName(name: unknown): string {
  if (typeof name === 'string' && /^[\w:.\\@-]{1,255}$/.test(name)) return name
  throw invalid(
    `Not the name of a service: ${typeof name === 'string' ? JSON.stringify(name) : String(name)}; wanted something like nginx or nginx.service`,
  )
}

function invalid(message: string): RestartManagerError {
  return new RestartManagerError('INVALID_ARGUMENT', message)
}
