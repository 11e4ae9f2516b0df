import { createRequire } from 'node:module'
import type * as Koffi from 'koffi'

/** A function of the C library: called with numbers and buffers, answers as C does (-1 and errno on failure). */
export type NativeFunction = (...args: unknown[]) => number

export interface Libc {
  /** A function by its C prototype; the same prototype gives the same function. */
  func(prototype: string): NativeFunction
  /** The errno of the last call. */
  errno(): number
  /** Where the content of `buffer` lies; it has to be kept while the address is in use. */
  address(buffer: NodeJS.ArrayBufferView): bigint
}

let loaded: Libc | null | undefined
let failure: unknown

/**
 * The C library of this process, through koffi, loaded at the first call (about 17 ms). Null where koffi has no build
 * for this processor or was not installed: every caller has a slower way without it.
 */
export function libc(): Libc | null {
  if (loaded === undefined) loaded = load()
  return loaded
}

/** Why `libc()` is null. */
export function libcFailure(): unknown {
  return failure
}

function load(): Libc | null {
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
    const library = koffi.load(null)
    const functions = new Map<string, NativeFunction>()
    return {
      func(prototype) {
        let native = functions.get(prototype)
        if (!native) {
          native = library.func(prototype) as NativeFunction
          functions.set(prototype, native)
        }
        return native
      },
      errno: () => koffi.errno(),
      address: (buffer) => koffi.address(buffer),
    }
  } catch (error) {
    failure = error
    return null
  }
}
