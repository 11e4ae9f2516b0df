import type { NamedFile } from '../../linux/named-files.ts'
import { longestSource, mostFiles, ProgramTooLarge, type Allowance } from './allowance.ts'
import type { ModuleSystem } from './module-system.ts'
import type { Program } from './program.ts'
import { keyOf, type ScriptTargets, type TargetDirectories } from './script-targets.ts'

/** Libraries that packages and users add to; the others are replaced together with the interpreter. */
const added = /\/(?:(?:site|dist)-packages|(?:site|vendor)_(?:perl|ruby)|perl5)(?:\/|$)/

/** What one detection remembers and watches for all programs. */
export interface WalkContext {
  targets: ScriptTargets
  directories: TargetDirectories
  /** What each source file loads, by language, device and inode. */
  references: Map<string, readonly string[]>
}

/** The files of a program that are looked for, and why there may be more. */
export interface WalkResult {
  files: readonly NamedFile[]
  gap: Error | null
}

/** As seen from one directory. */
export interface WalkFromDirectory extends WalkResult {
  /** The script or module that is the program is there. */
  hasMain: boolean
}

/** Goes from the main files of a program through all that these load, each file once. Yields after every reference. */
export class ProgramWalk {
  readonly #context: WalkContext
  readonly #program: Program
  readonly #system: ModuleSystem
  readonly #allowance: Allowance
  readonly #seen = new Set<string>()
  readonly #waiting: NamedFile[] = []
  readonly #found: NamedFile[] = []
  #closed: readonly string[] = []
  /** These may lie in those that are closed. */
  #open: readonly string[] = []
  #lookups: number
  #hasMain = false

  constructor(context: WalkContext, program: Program, system: ModuleSystem, allowance: Allowance) {
    this.#context = context
    this.#program = program
    this.#system = system
    this.#allowance = allowance
    this.#lookups = program.files.lookups
  }

  *run(): Generator<void, WalkFromDirectory> {
    for (const file of this.#system.main()) this.#add(file)
    this.#hasMain = this.#seen.size > 0
    if (!this.#context.targets.languages.has(this.#program.facts.interpreter.language)) return this.#result(null)
    yield* this.#closeLibraries()
    for (const reference of yield* this.#preloads()) {
      yield* this.#follow(reference, null)
    }
    for (let file = this.#waiting.shift(); file; file = this.#waiting.shift()) {
      for (const reference of yield* this.#referencesOf(file)) {
        yield* this.#follow(reference, file)
        if (this.#allowance.isSpent) return this.#result('The programs of its user have more files than are looked at')
      }
      if (this.#seen.size > mostFiles)
        return this.#result(`Its program has more files than are looked at (${mostFiles})`)
      yield
    }
    return this.#result(null)
  }

  /** Libraries without a target in any of them are not read: what they load lies in them. */
  *#closeLibraries(): Generator<void, void> {
    const { libraries } = this.#system
    if (this.#context.targets.everything) {
      this.#closed = libraries.filter((path) => !added.test(path))
      this.#open = libraries.filter((path) => added.test(path))
      return
    }
    const directories = libraries.map((path) => this.#program.directory(path)).filter((file) => file !== null)
    if (!(yield* this.#context.directories.holdTargets(directories))) this.#closed = libraries
  }

  *#preloads(): Generator<void, string[]> {
    const references = [...this.#system.preloads]
    for (const text of this.#program.facts.invocation.texts) {
      references.push(...(yield* this.#system.references(Buffer.from(text, 'latin1'), null)))
    }
    return references
  }

  *#follow(reference: string, from: NamedFile | null): Generator<void, void> {
    for (const file of this.#system.resolve(reference, from)) this.#add(file)
    this.#allowance.lookups -= this.#program.files.lookups - this.#lookups
    this.#lookups = this.#program.files.lookups
    yield
  }

  #add(file: NamedFile): void {
    const key = keyOf(file)
    if (file.type !== 'file' || this.#seen.has(key)) return
    this.#seen.add(key)
    if (this.#context.targets.has(Number(file.ino))) this.#found.push(file)
    this.#waiting.push(file)
  }

  *#referencesOf(file: NamedFile): Generator<void, readonly string[]> {
    const isIn = (library: string): boolean => file.path.startsWith(`${library}/`)
    if (this.#closed.some(isIn) && !this.#open.some(isIn)) return []
    const key = `${this.#program.facts.interpreter.language} ${keyOf(file)}`
    const known = this.#context.references.get(key)
    if (known) return known
    const limit = this.#system.startOnly ?? longestSource
    if (this.#system.startOnly === null && file.size > limit) return []
    const content = this.#program.read(file, limit)
    if (!content) return []
    this.#allowance.bytes -= content.length
    const references = yield* this.#system.references(content, file)
    this.#context.references.set(key, references)
    return references
  }

  #result(gap: string | null): WalkFromDirectory {
    return { files: this.#found, hasMain: this.#hasMain, gap: gap === null ? null : new ProgramTooLarge(gap) }
  }
}
