import { createHash, randomBytes } from 'node:crypto'
import { RestartManagerError } from '../errors/index.ts'

const keyBytes = 16
const shape = /^[0-9a-f]{32}$/

/** A new key: 32 lower-case hexadecimal digits, 128 bits from the system's random generator. */
export function newSessionKey(): string {
  return randomBytes(keyBytes).toString('hex')
}

/**
 * The key as it is compared: lower case. INVALID_ARGUMENT where it has another shape; the message does not repeat it,
 * for whoever knows a key controls the session.
 */
export function parseSessionKey(text: string): string {
  const key = typeof text === 'string' ? text.toLowerCase() : ''
  if (shape.test(key)) return key
  throw new RestartManagerError('INVALID_ARGUMENT', 'Malformed session key: 32 hexadecimal digits were wanted', {
    hint: 'Use the key that was printed by: restartctl session start',
  })
}

/** SHA-256 of a parsed key: what is kept of it. */
export function hashSessionKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** What a session is called where its key must not be seen: the first 16 hexadecimal digits of the key's hash. */
export function sessionIdOf(hash: Buffer): string {
  return hash.toString('hex').slice(0, 16)
}
