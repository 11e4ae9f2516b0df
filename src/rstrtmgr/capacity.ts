import { badArgument } from './error-numbers.ts'

/** How many records a caller has room for. Errors: INVALID_ARGUMENT. */
export function assertCapacity(capacity: number): void {
  if (Number.isInteger(capacity) && capacity >= 0) return
  throw badArgument(`The capacity is ${String(capacity)}; wanted a whole number from 0`)
}
