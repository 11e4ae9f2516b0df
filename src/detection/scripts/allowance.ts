/**
 * How much is looked at for the programs of one user in one detection. Each user has one of his own: whoever has made
 * programs without end uses up only his.
 */
export class Allowance {
  bytes = 64 * 1024 * 1024
  /** Names the kernel is asked for: about a second's worth. */
  lookups = 200_000

  get isSpent(): boolean {
    return this.bytes <= 0 || this.lookups <= 0
  }
}

/** A program may have so many files. */
export const mostFiles = 2000
/** A source file may have so many bytes; a longer one is no less used, only what it loads is not looked for. */
export const longestSource = 2 * 1024 * 1024

/** Not all of a program was looked at. `code` is E2BIG, as no file system says it of a file. */
export class ProgramTooLarge extends Error {
  readonly code = 'E2BIG'
}
