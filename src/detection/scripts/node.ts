import { builtinModules } from 'node:module'
import type { NamedFile } from '../../linux/named-files.ts'
import { parseOptions } from './command-line.ts'
import type { ModuleSystem } from './module-system.ts'
import { packageTarget, parsePackage, type NodePackage } from './node-package.ts'
import { nodeImports } from './node-source.ts'
import { directoryOf, type Program } from './program.ts'

type Way = 'import' | 'require'

const builtin = new Set(builtinModules)
const endings = ['', '.js', '.json', '.node', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.tsx', '.jsx']
const source = /\.(?:[mc]?[jt]s|[jt]sx)$/

/** Node.js, and what resolves modules as it does: CommonJS and ECMAScript modules, packages, NODE_PATH, NODE_OPTIONS. */
export class NodeModules implements ModuleSystem {
  readonly startOnly = null
  readonly #program: Program
  readonly #packages = new Map<string, NodePackage | null>()
  readonly libraries: readonly string[] = []
  readonly preloads: readonly string[]

  constructor(program: Program) {
    this.#program = program
    const options = parseOptions(program.facts.interpreter, program.facts.variables.get('NODE_OPTIONS') ?? '')
    this.preloads = [...options.preloads, ...program.facts.invocation.preloads].map((name) => `import:${name}`)
  }

  /** As `require` finds it: `node .` runs the package here, `node app` may run app.js. */
  main(): NamedFile[] {
    const { script } = this.#program.facts.invocation
    if (script === null || /^[\w+]+:/.test(script)) return []
    const file = this.#program.find(script)
    return file?.type === 'file' ? [file] : this.#fileOrDirectory(script)
  }

  /** A file without one of the endings is a script. */
  *references(content: Buffer, file: NamedFile | null): Generator<void, string[]> {
    if (file && /\.[^/.]*$/.test(file.path) && !source.test(file.path)) return []
    return yield* nodeImports(content.toString('latin1'))
  }

  resolve(reference: string, from: NamedFile | null): NamedFile[] {
    const way: Way = reference.startsWith('import:') ? 'import' : 'require'
    const name = reference.slice(way.length + 1).replace(/^file:\/\//, '')
    if (name.startsWith('node:') || builtin.has(name)) return []
    const directory = from ? directoryOf(from.path) : ''
    if (/^\.{0,2}(\/|$)/.test(name)) return this.#fileOrDirectory(join(directory, name.replace(/\?.*$/, '')))
    if (name.startsWith('#')) return this.#ownImport(name, directory, way)
    return this.#package(name, directory, way)
  }

  #fileOrDirectory(path: string): NamedFile[] {
    const file = this.#file(path)
    if (file) return [file]
    if (!this.#program.directory(path)) return []
    const main = this.#packageIn(path)?.main
    const chosen =
      main === null || main === undefined
        ? null
        : (this.#file(join(path, main)) ?? this.#file(join(path, `${main}/index`)))
    const found = chosen ?? this.#file(join(path, 'index'))
    return found ? [found] : []
  }

  /** A path as it is, with an ending, or TypeScript where JavaScript is named. */
  #file(path: string): NamedFile | null {
    const found = this.#program.firstFile(endings.map((ending) => path + ending))
    return found ?? (/\.[mc]?js$/.test(path) ? this.#program.file(path.replace(/js$/, 'ts')) : null)
  }

  #package(name: string, directory: string, way: Way): NamedFile[] {
    const parts = /^((?:@[^/]+\/)?[^/@.][^/]*)(?:\/(.+))?$/.exec(name)
    const packageName = parts?.[1]
    if (packageName === undefined) return []
    const subpath = parts?.[2]
    const own = this.#nearestPackage(directory)
    if (own && own.description.name === packageName && own.description.exports !== null) {
      return this.#exported(own.directory, own.description, subpath, way)
    }
    for (const folder of [...this.#folders(directory), ...this.#program.pathList('NODE_PATH')]) {
      const path = join(folder, packageName)
      if (!this.#program.directory(path)) {
        const file = subpath === undefined ? this.#file(path) : null
        if (file) return [file]
        continue
      }
      const description = this.#packageIn(path)
      if (description && description.exports !== null) return this.#exported(path, description, subpath, way)
      return this.#fileOrDirectory(subpath === undefined ? path : join(path, subpath))
    }
    return []
  }

  #exported(directory: string, description: NodePackage, subpath: string | undefined, way: Way): NamedFile[] {
    const target = packageTarget(description.exports, subpath === undefined ? '.' : `./${subpath}`, way)
    const file = target?.startsWith('./') ? this.#program.file(join(directory, target)) : null
    return file ? [file] : []
  }

  #ownImport(name: string, directory: string, way: Way): NamedFile[] {
    const own = this.#nearestPackage(directory)
    const target = own ? packageTarget(own.description.imports, name, way) : null
    if (!own || target === null) return []
    if (!target.startsWith('./')) return target.startsWith('#') ? [] : this.#package(target, directory, way)
    const file = this.#program.file(join(own.directory, target))
    return file ? [file] : []
  }

  #nearestPackage(directory: string): { directory: string; description: NodePackage } | null {
    for (const above of this.#upwards(directory)) {
      const description = this.#packageIn(above)
      if (description) return { directory: above, description }
    }
    return null
  }

  #folders(directory: string): string[] {
    return this.#upwards(directory)
      .filter((above) => !above.endsWith('/node_modules'))
      .map((above) => join(above, 'node_modules'))
  }

  /** A directory and all above it. Program text was given in the working directory. */
  #upwards(directory: string): string[] {
    const directories: string[] = []
    let above = directory === '' ? (this.#program.directory('.')?.path ?? '') : directory
    while (above.startsWith('/') && above !== '/') {
      directories.push(above)
      above = directoryOf(above)
    }
    return [...directories, '/']
  }

  #packageIn(directory: string): NodePackage | null {
    const path = join(directory, 'package.json')
    const known = this.#packages.get(path)
    if (known !== undefined) return known
    const text = this.#program.readSmall(path)
    const description = text === null ? null : parsePackage(Buffer.from(text, 'latin1').toString('utf8'))
    this.#packages.set(path, description)
    return description
  }
}

function join(directory: string, path: string): string {
  if (path.startsWith('/') || directory === '') return path
  return directory === '/' ? `/${path}` : `${directory}/${path}`
}
