// The command line of Windows is one text; here arguments are a list.

/** A run of backslashes with the mark behind it, blanks, or any other character. */
const piece = /\\*"|[ \t]|[^]/g

/**
 * Takes a command line apart as CommandLineToArgvW does with what follows the program's name: blanks and tabs separate,
 * quotation marks hold together; two backslashes before a mark are one, and one that is left makes the mark a character; two
 * marks in a row inside quotation are a character and end it.
 */
export function splitCommandLine(commandLine: string): string[] {
  const list: string[] = []
  let argument: string | null = null
  let isQuoted = false
  /** The mark before this piece ended a quotation. */
  let hasJustEnded = false
  for (const [part] of commandLine.matchAll(piece)) {
    const endedBefore = hasJustEnded
    hasJustEnded = false
    if (part.endsWith('"')) {
      const backslashes = part.length - 1
      argument = (argument ?? '') + '\\'.repeat(backslashes / 2)
      if (backslashes % 2 === 1 || (part === '"' && endedBefore)) argument += '"'
      else {
        hasJustEnded = isQuoted
        isQuoted = !isQuoted
      }
    } else if (!isQuoted && (part === ' ' || part === '\t')) {
      if (argument !== null) list.push(argument)
      argument = null
    } else argument = (argument ?? '') + part
  }
  return argument === null ? list : [...list, argument]
}

/** Puts arguments together so that `splitCommandLine`, and any program of Windows, takes them apart again. */
export function joinCommandLine(list: readonly string[]): string {
  return list.map(quote).join(' ')
}

function quote(argument: string): string {
  if (argument !== '' && !/[ \t"]/.test(argument)) return argument
  // Backslashes count only before a mark, the closing one included.
  const escaped = argument.replace(/(\\*)("|$)/g, (_, backslashes: string, mark: string) =>
    mark === '' ? backslashes.repeat(2) : `${backslashes.repeat(2)}\\"`,
  )
  return `"${escaped}"`
}
