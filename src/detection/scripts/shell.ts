import type { NamedFile } from '../../linux/named-files.ts'
import type { ModuleSystem } from './module-system.ts'
import { directoryOf, type Program } from './program.ts'
import { eachMatch } from './source-text.ts'

const statement =
  /(?:^|[;&|({\n]|\bthen\b|\bdo\b|\belse\b)[ \t]*(?:\.|source)[ \t]+("[^"\n]{1,1000}"|'[^'\n]{1,1000}'|[^\s;&|)"'<>]{1,1000}(?:"[^"\n]{1,1000}"[^\s;&|)]{0,1000})?)/g
/** What stands for the directory of `$0`, or of `$BASH_SOURCE`. */
const directory = /\$\(dirname (?:-- )?"?\$\{?(0|BASH_SOURCE)(?:\[0\])?\}?"?\)|\$\{(0|BASH_SOURCE)(?:\[0\])?%\/\*\}/g

/**
 * The files that shell source reads in with `.` or `source`, where their paths are written down. `$0/` and `$BASH_SOURCE/` stand
 * for the directories of the script and of the file itself.
 */
export function* shellReferences(source: string): Generator<void, string[]> {
  const text = source
    .replace(/(^|[\s;])#.*$/gm, '$1')
    .replace(directory, (_, zero: string | undefined, itself: string | undefined) => `$${zero ?? itself ?? ''}`)
  const references: string[] = []
  yield* eachMatch(text, statement, ([, word = '']) => {
    const path = unquoted(word)
    if (!/[$`*?[\]]/.test(path.replace(/^\$(0|BASH_SOURCE)\//, ''))) references.push(path)
  })
  return references
}

function unquoted(word: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(word)
  return quoted?.[2] ?? word
}

/** POSIX shells and bash. Their script is looked for by its path only; what they read in also in PATH (sh(1), `.`). */
export class ShellModules implements ModuleSystem {
  readonly startOnly = null
  readonly #program: Program
  readonly #main: NamedFile[]
  readonly libraries: readonly string[] = []
  readonly preloads: readonly string[] = []

  constructor(program: Program) {
    this.#program = program
    const { script } = program.facts.invocation
    const file = script === null ? null : program.find(script)
    this.#main = file ? [file] : []
  }

  main(): NamedFile[] {
    return this.#main
  }

  references(content: Buffer): Generator<void, string[]> {
    return shellReferences(content.toString('latin1'))
  }

  resolve(reference: string, from: NamedFile | null): NamedFile[] {
    const main = this.#main[0]
    const path = reference
      .replace(/^\$0(?=\/)/, () => (main ? directoryOf(main.path) : '.'))
      .replace(/^\$BASH_SOURCE(?=\/)/, () => (from ? directoryOf(from.path) : '.'))
    const places = path.includes('/')
      ? [path]
      : [...this.#program.pathList('PATH').map((directory) => `${directory}/${path}`), path]
    const file = this.#program.firstFile(places)
    return file ? [file] : []
  }
}
