import type { NamedFile } from '../../linux/named-files.ts'
import type { ModuleSystem } from './module-system.ts'
import { directoryOf, type Program } from './program.ts'
import { PythonPath } from './python-path.ts'
import { pythonImports } from './python-source.ts'

/** Python 3 (The import system, sys.path): packages, modules, and their byte code, which is what is loaded where it is up to date. */
export class PythonModules implements ModuleSystem {
  readonly startOnly = null
  readonly #program: Program
  readonly #path: PythonPath
  readonly #main: NamedFile[]
  readonly preloads: readonly string[] = []

  constructor(program: Program) {
    this.#program = program
    this.#path = new PythonPath(program)
    this.#main = this.#findMain()
  }

  get libraries(): readonly string[] {
    return this.#path.libraries
  }

  main(): NamedFile[] {
    return this.#main
  }

  *references(content: Buffer, file: NamedFile | null): Generator<void, string[]> {
    return file?.path.endsWith('.pyc') ? [] : yield* pythonImports(content.toString('latin1'))
  }

  resolve(reference: string, from: NamedFile | null): NamedFile[] {
    const dots = /^\.*/.exec(reference)?.[0].length ?? 0
    const names = reference.slice(dots).split('.').filter(Boolean)
    if (dots === 0) return this.#load(this.#path.entries, names)
    if (!from) return []
    let package_ = directoryOf(from.path)
    for (let level = 1; level < dots; level += 1) package_ = directoryOf(package_)
    const files = this.#packageFile(package_)
    return [...files, ...this.#load([package_], names)]
  }

  /** A script that is a directory runs the `__main__` in it, `-m` of a package that of the package (runpy). */
  #findMain(): NamedFile[] {
    const { script, module } = this.#program.facts.invocation
    if (script !== null) {
      const file = this.#program.find(script)
      if (file?.type !== 'directory') return file ? [file] : []
      return this.#module(file.path, '__main__')
    }
    if (module === null) return []
    const names = module.split('.').filter(Boolean)
    const files = this.#load(this.#path.entries, names)
    const last = files.at(-1)
    const isPackage = last !== undefined && /(^|\/)__init__\.[^/]*$/.test(last.path)
    if (!isPackage && files.length > 0) return files
    return [...files, ...this.#load(this.#path.entries, [...names, '__main__'])]
  }

  /** All files that importing `a.b.c` loads: those of the packages a and a.b, and c. */
  #load(entries: readonly string[], names: readonly string[]): NamedFile[] {
    const loaded: NamedFile[] = []
    let directories = entries
    for (const name of names) {
      const step = this.#step(directories, name)
      loaded.push(...step.files)
      if (step.directories.length === 0) break
      directories = step.directories
    }
    return loaded
  }

  /** One name of `a.b.c` in the directories of its parent. Without `__init__` all directories of the name are one package (PEP 420). */
  #step(entries: readonly string[], name: string): { files: NamedFile[]; directories: string[] } {
    const portions: string[] = []
    for (const entry of entries) {
      const path = entry === '' ? name : `${entry}/${name}`
      const directory = this.#program.directory(path)
      if (directory) {
        const files = this.#packageFile(directory.path)
        if (files.length > 0) return { files, directories: [directory.path] }
        portions.push(directory.path)
      }
      const files = this.#module(entry, name)
      if (files.length > 0) return { files, directories: [] }
    }
    return { files: [], directories: portions }
  }

  #packageFile(directory: string): NamedFile[] {
    return this.#module(directory, '__init__')
  }

  /** A module's source and its byte code beside it (PEP 3147), or byte code alone. */
  #module(directory: string, name: string): NamedFile[] {
    const prefix = directory === '' ? '' : `${directory}/`
    const source = this.#program.file(`${prefix}${name}.py`)
    if (!source) {
      const code = this.#program.file(`${prefix}${name}.pyc`)
      return code ? [code] : []
    }
    const { tag, optimization } = this.#path
    if (tag === null) return [source]
    const code = this.#program.file(`${directoryOf(source.path)}/__pycache__/${name}.${tag}${optimization}.pyc`)
    return code ? [code, source] : [source]
  }
}
