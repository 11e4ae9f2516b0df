import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { exactFileNumber, type ExactFileNumber } from '../../linux/file-number.ts'
import { realPath } from '../../linux/real-path.ts'
import { languageOf, languages, type Language } from './languages.ts'

/** What is looked for in programs. */
export interface ScriptTargets {
  /** Whether one of the targets has this inode number. Cheap. */
  has(ino: number): boolean
  /** The languages that a target may be a module of (`languageOf`); all of them where there is a directory among the targets. */
  languages: ReadonlySet<Language>
  /** The registered paths. */
  paths: Iterable<string>
  /** Whatever a program consists of is looked for. Of what an interpreter comes with only what a program loads by itself. */
  everything?: true
}

/** For asking what programs consist of, whatever that is. */
export const everyFile: ScriptTargets = { has: () => true, languages: new Set(languages), paths: [], everything: true }

/** In which directories targets lie, by device and inode, so that it does not matter under which name somebody sees them. */
export class TargetDirectories {
  readonly #targets: ScriptTargets
  readonly #holding = new Set<string>()
  readonly #looked = new Set<string>()
  #isComplete = false

  constructor(targets: ScriptTargets) {
    this.#targets = targets
  }

  /** Whether some target lies beneath one of these directories, or they beneath a target. */
  *holdTargets(directories: readonly ExactFileNumber[]): Generator<void, boolean> {
    if (!this.#isComplete) yield* this.#look()
    return directories.some(
      (directory) => this.#targets.has(Number(directory.ino)) || this.#holding.has(keyOf(directory)),
    )
  }

  *#look(): Generator<void, void> {
    for (const path of this.#targets.paths) {
      if (languageOf(path) === null) continue
      this.#above(dirname(path))
      const real = isLink(path) ? realPath(path) : null
      if (real !== null) this.#above(dirname(real))
      yield
    }
    this.#isComplete = true
  }

  #above(directory: string): void {
    for (let path = directory; !this.#looked.has(path); path = dirname(path)) {
      this.#looked.add(path)
      const file = orUndefined(() => exactFileNumber(path))
      if (file) this.#holding.add(keyOf(file))
    }
  }
}

/** Device and inode as one word. */
export function keyOf({ dev, ino }: ExactFileNumber): string {
  return `${dev}:${ino}`
}

function isLink(path: string): boolean {
  return orUndefined(() => lstatSync(path, { throwIfNoEntry: false }))?.isSymbolicLink() ?? false
}

function orUndefined<Value>(look: () => Value): Value | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
