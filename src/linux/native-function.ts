import { endianness } from 'node:os'
import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import { libc, type NativeFunction } from './libc.ts'

/**
 * A function of the C library by its C prototype; null where this C library has none of that name (getdents64: glibc 2.30,
 * statx: glibc 2.28), where there is no koffi, and on big-endian processors, for which no structure is read here.
 */
export function nativeFunction(prototype: string): NativeFunction | null {
  if (endianness() !== 'LE') return null
  try {
    return libc()?.func(prototype) ?? null
  } catch {
    return null
  }
}

/** Where the content of `buffer` lies, which must live as long: cheaper to hand over at every call than the buffer. */
export function addressOf(buffer: NodeJS.ArrayBufferView): number {
  return Number(libc()?.address(buffer) ?? 0n)
}

/** What node:fs would throw where `call` failed with the current errno. */
export function nativeError(call: string): NodeJS.ErrnoException {
  const errno = -(libc()?.errno() ?? 0)
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`${code}: ${getSystemErrorMessage(errno)}, ${call}`), { code, errno, syscall: call })
}
