import type { NamedFile } from '../../linux/named-files.ts'
import { parseOptions } from './command-line.ts'
import type { ModuleSystem } from './module-system.ts'
import { directoryOf, splitPaths, type Program } from './program.ts'
import { eachMatch } from './source-text.ts'

const statement =
  /(?:^|[;\n]|\bthen\b|\bbegin\b)[ \t]*(require_relative|require|load|autoload[ \t(]*:?\w+[ \t]*,)[ \t]*\(?[ \t]*(['"])([^'"\n#]{1,1000})\2/g

/** What Ruby source loads: `require:a/b`, `require_relative:a`, `load:file.rb`. */
export function* rubyReferences(source: string): Generator<void, string[]> {
  const end = /^__END__\r?$/m.exec(source)
  const text = (end ? source.slice(0, end.index) : source)
    .split(/^=end\b/m)
    .map((part) => part.split(/^=begin\b/m, 1)[0] ?? '')
    .join('')
    .replace(/(^|\s)#.*$/gm, '$1')
  const references: string[] = []
  yield* eachMatch(text, statement, ([, word = '', , name = '']) => {
    references.push(`${word.startsWith('autoload') ? 'require' : word}:${name}`)
  })
  return references
}

/** Ruby without gems: `require_relative`, and `require` and `load` by -I, RUBYLIB and the standard directories. */
export class RubyModules implements ModuleSystem {
  readonly startOnly = null
  readonly #program: Program
  readonly #path: readonly string[]
  readonly libraries: readonly string[]
  readonly preloads: readonly string[]

  constructor(program: Program) {
    this.#program = program
    const options = parseOptions(program.facts.interpreter, program.facts.variables.get('RUBYOPT') ?? '')
    const includes = [...program.facts.invocation.includes, ...options.includes].flatMap(splitPaths)
    this.preloads = [...options.preloads, ...program.facts.invocation.preloads].map((name) => `require:${name}`)
    this.libraries = this.#libraries()
    this.#path = [...includes, ...program.pathList('RUBYLIB'), ...this.libraries]
  }

  main(): NamedFile[] {
    const { script, flags } = this.#program.facts.invocation
    if (script === null) return []
    const file =
      flags.includes('S') && !script.includes('/')
        ? this.#program.firstFile(this.#program.pathList('PATH').map((directory) => `${directory}/${script}`))
        : this.#program.find(script)
    return file ? [file] : []
  }

  references(content: Buffer): Generator<void, string[]> {
    return rubyReferences(content.toString('latin1'))
  }

  resolve(reference: string, from: NamedFile | null): NamedFile[] {
    const colon = reference.indexOf(':')
    const kind = reference.slice(0, colon)
    const name = reference.slice(colon + 1)
    const places =
      kind === 'require_relative'
        ? [`${from ? directoryOf(from.path) : '.'}/${name}`]
        : /^\.{0,2}\//.test(name)
          ? [name]
          : this.#path.map((directory) => `${directory}/${name}`)
    const file = this.#program.firstFile(places.flatMap((path) => (kind === 'load' ? [path] : [`${path}.rb`, path])))
    return file ? [file] : []
  }

  /** `lib/ruby/3.1.0` and what is installed for all versions, under the prefix of the program file. */
  #libraries(): string[] {
    const prefix = directoryOf(directoryOf(this.#program.facts.executable))
    const roots = [
      ...new Set([`${prefix}/lib/ruby`, '/usr/local/lib/site_ruby', '/usr/share/ruby', '/usr/local/share/ruby']),
    ]
    const parents = roots.flatMap((root) => [root, `${root}/site_ruby`, `${root}/vendor_ruby`])
    const paths = parents.flatMap((parent) => {
      const versions = this.#program.names(parent).filter((name) => /^\d+\.\d+(\.\d+)?$/.test(name))
      return [...versions.map((name) => `${parent}/${name}`), parent]
    })
    const existing = paths.map((path) => this.#program.directory(path)?.path)
    return [...new Set(existing.filter((path) => path !== undefined))]
  }
}
