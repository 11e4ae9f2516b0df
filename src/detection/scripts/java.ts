import type { NamedFile } from '../../linux/named-files.ts'
import { archiveStart, manifestClassPath } from './java-archive.ts'
import type { ModuleSystem } from './module-system.ts'
import { directoryOf, splitPaths, type Program } from './program.ts'

/** Java: the archives of the class path and of the module path, those their manifests name, agents, and the main class's file. */
export class JavaModules implements ModuleSystem {
  readonly startOnly = archiveStart
  readonly #program: Program
  readonly libraries: readonly string[] = []
  readonly preloads: readonly string[]

  constructor(program: Program) {
    this.#program = program
    const { invocation } = program.facts
    const agents = invocation.flags
      .map((flag) => /^-javaagent:(.+)$/.exec(flag)?.[1])
      .filter((path) => path !== undefined)
    // With -jar the archive is all of the class path.
    const paths = invocation.flags.includes('-jar') ? [] : this.#classPath()
    this.preloads = [...agents, ...paths.flatMap((path) => this.#archives(path))]
  }

  main(): NamedFile[] {
    const { script, module } = this.#program.facts.invocation
    if (script !== null) return this.#one(this.#program.find(script))
    if (module === null) return []
    const name = `${module.replaceAll('.', '/')}.class`
    return this.#one(this.#program.firstFile(this.#classPath().map((path) => `${path}/${name}`)))
  }

  *references(content: Buffer): Generator<void, string[]> {
    return manifestClassPath(content)
  }

  resolve(reference: string, from: NamedFile | null): NamedFile[] {
    const path = reference.replace(/^file:/, '')
    return this.#one(this.#program.file(!from || path.startsWith('/') ? path : `${directoryOf(from.path)}/${path}`))
  }

  #classPath(): string[] {
    const given = this.#program.facts.invocation.includes.flatMap(splitPaths)
    if (given.length > 0) return given
    const variable = this.#program.pathList('CLASSPATH')
    return variable.length > 0 ? variable : ['.']
  }

  /** Of `directory/*` all archives in it. */
  #archives(path: string): string[] {
    if (!path.endsWith('/*')) return [path]
    const directory = path.slice(0, -2)
    const names = this.#program.names(directory).filter((name) => /\.jar$/i.test(name))
    return names.map((name) => `${directory}/${name}`)
  }

  #one(file: NamedFile | null): NamedFile[] {
    return file?.type === 'file' ? [file] : []
  }
}
