import type { NamedFiles } from '../../linux/named-files.ts'
import { procFailure } from '../../linux/proc-error.ts'
import type { Invocation } from './command-line.ts'
import type { WalkFromDirectory, WalkResult } from './program-walk.ts'
import { keyOf } from './script-targets.ts'

/**
 * Where a process may have been started, which no file of proc tells: where it works now, or where PWD said that it did. They
 * differ where it has changed its directory since, and where whoever started it changed the directory and not PWD.
 */
export function startDirectories(
  files: NamedFiles,
  variable: string | undefined,
  workingDirectory: string | null,
): (string | null)[] {
  const atStart = variable?.startsWith('/') ? directory(files, variable) : null
  const now = workingDirectory === null ? null : directory(files, workingDirectory)
  const known = [...new Set([now, atStart])].filter((path) => path !== null)
  return known.length > 0 ? known : [null]
}

/**
 * What a program consists of wherever it was started. A directory without its script, or module, was not the one. Where what
 * is looked for is in the program of one directory and not of the other, it is not known which is true.
 */
export function whatIsCertain(invocation: Invocation, walks: readonly WalkFromDirectory[]): WalkResult {
  const hasMain = invocation.script !== null || invocation.module !== null
  const possible = hasMain ? walks.filter((walk) => walk.hasMain) : walks
  const [first, ...others] = possible
  if (!first) return { files: [], gap: null }
  const inOthers = others.map((walk) => new Set(walk.files.map(keyOf)))
  const files = first.files.filter((file) => inOthers.every((keys) => keys.has(keyOf(file))))
  const isCertain = possible.every((walk) => walk.files.length === files.length)
  const gap = possible.find((walk) => walk.gap)?.gap ?? null
  return { files, gap: gap ?? (isCertain ? null : new UnknownStart('The directory it was started in is not known')) }
}

/** `code` is ENOTUNIQ: a name that stands for two things. */
class UnknownStart extends Error {
  readonly code = 'ENOTUNIQ'
}

function directory(files: NamedFiles, path: string): string | null {
  try {
    const file = files.find(path)
    return file?.type === 'directory' ? file.path : null
  } catch (error) {
    if (procFailure(error) === 'ours') throw error
    return null
  }
}
