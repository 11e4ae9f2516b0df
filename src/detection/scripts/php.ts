import type { NamedFile } from '../../linux/named-files.ts'
import type { ModuleSystem } from './module-system.ts'
import { directoryOf, type Program } from './program.ts'
import { commentRemover, eachMatch } from './source-text.ts'

const withoutComments = commentRemover({
  lineComment: /(?<=^|[\s;{}()])(?:\/\/|#(?!\[))/,
  blockComment: ['/*', '*/'],
  quotes: ['"', "'"],
  multiline: ['"', "'"],
  keepStrings: true,
})

const statement =
  /\b(?:include|require)(?:_once)?\b[ \t]*\(?[ \t]*((?:__DIR__|dirname\(__FILE__\))[ \t]*\.[ \t]*)?(['"])([^'"\n$]{1,1000})\2/g

/** The files that PHP source includes by a path that is written down; `./` before those that begin in the file's directory. */
export function* phpReferences(source: string): Generator<void, string[]> {
  const references: string[] = []
  yield* eachMatch(yield* withoutComments(source), statement, ([, here, , path = '']) => {
    references.push(here === undefined ? path : `.${path}`)
  })
  return references
}

/** PHP on the command line: `include` and `require`, without classes that are loaded by their names. */
export class PhpModules implements ModuleSystem {
  readonly startOnly = null
  readonly #program: Program
  readonly libraries: readonly string[] = []
  readonly preloads: readonly string[] = []

  constructor(program: Program) {
    this.#program = program
  }

  main(): NamedFile[] {
    const { script } = this.#program.facts.invocation
    const file = script === null ? null : this.#program.find(script)
    return file ? [file] : []
  }

  references(content: Buffer): Generator<void, string[]> {
    return phpReferences(content.toString('latin1'))
  }

  resolve(reference: string, from: NamedFile | null): NamedFile[] {
    const here = from ? directoryOf(from.path) : '.'
    const file = this.#program.file(reference.startsWith('/') ? reference : `${here}/${reference}`)
    return file ? [file] : []
  }
}
