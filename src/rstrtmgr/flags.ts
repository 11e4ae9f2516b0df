import { badArgument } from './error-numbers.ts'

/** No bits but the `known` ones; of reserved flags none is known. Errors: INVALID_ARGUMENT. */
export function assertFlags(flags: unknown, known: number): void {
  if (typeof flags === 'number' && (flags & known) === flags) return
  throw badArgument(`The flags are ${String(flags)}; wanted bits of 0x${known.toString(16)}`)
}
