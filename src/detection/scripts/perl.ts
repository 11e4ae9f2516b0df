import type { NamedFile } from '../../linux/named-files.ts'
import { parseOptions } from './command-line.ts'
import type { ModuleSystem } from './module-system.ts'
import { perlReferences } from './perl-source.ts'
import { directoryOf, splitPaths, type Program } from './program.ts'

/** Perl 5: `use`, `require` and `do` with names that are written down, looked for in @INC (perlvar(1)). */
export class PerlModules implements ModuleSystem {
  readonly startOnly = null
  readonly #program: Program
  readonly #main: NamedFile[]
  /** `use lib` and -I. */
  readonly #added: string[]
  readonly libraries: readonly string[]
  readonly preloads: readonly string[]

  constructor(program: Program) {
    this.#program = program
    const { invocation, interpreter, variables } = program.facts
    const isTainted = invocation.flags.includes('T') || invocation.flags.includes('t')
    const options = parseOptions(interpreter, isTainted ? '' : (variables.get('PERL5OPT') ?? ''))
    const variable = isTainted ? [] : splitPaths(variables.get('PERL5LIB') ?? variables.get('PERLLIB') ?? '')
    this.#added = [...invocation.includes, ...options.includes, ...variable]
    this.preloads = [...options.preloads, ...invocation.preloads]
      .filter((name) => !name.startsWith('-'))
      .map((name) => `module:${name.replace(/[=\s].*$/s, '')}`)
    this.libraries = this.#libraries()
    this.#main = this.#findMain()
  }

  main(): NamedFile[] {
    return this.#main
  }

  references(content: Buffer): Generator<void, string[]> {
    return perlReferences(content.toString('latin1'))
  }

  resolve(reference: string, from: NamedFile | null): NamedFile[] {
    const [kind, ...rest] = reference.split(':')
    const value = rest.join(':').replace(/^\$Bin(?=\/|$)/, () => this.#scriptDirectory())
    if (kind === 'lib') {
      const directory = this.#program.directory(value)
      if (directory && this.#added.length < 100) this.#added.unshift(directory.path)
      return []
    }
    if (kind === 'module') return this.#inPath(`${value.replaceAll('::', '/')}.pm`)
    if (/^\.{0,2}\//.test(value)) return this.#one(this.#program.file(value))
    return from ? this.#inPath(value) : []
  }

  #findMain(): NamedFile[] {
    const { invocation } = this.#program.facts
    if (invocation.script === null) return []
    if (!invocation.flags.includes('S') || invocation.script.includes('/'))
      return this.#one(this.#program.find(invocation.script))
    const { script } = invocation
    return this.#one(
      this.#program.firstFile(this.#program.pathList('PATH').map((directory) => `${directory}/${script}`)),
    )
  }

  #scriptDirectory(): string {
    const main = this.#main[0]
    return main ? directoryOf(main.path) : '.'
  }

  #inPath(name: string): NamedFile[] {
    return this.#one(
      this.#program.firstFile([...this.#added, ...this.libraries].map((directory) => `${directory}/${name}`)),
    )
  }

  #one(file: NamedFile | null): NamedFile[] {
    return file ? [file] : []
  }

  /**
   * What is built in: of Debian, Fedora, Arch, and of Perl where it is installed by itself, for each version that is there.
   * What was added comes before what Perl came with.
   */
  #libraries(): string[] {
    const prefix = directoryOf(directoryOf(this.#program.facts.executable))
    const roots = prefix === '/usr' || prefix === '/' ? ['/usr/local', '/usr'] : [prefix]
    const paths = roots.flatMap((root) => {
      const machines = this.#names(`${root}/lib`, /^[\w.]+-linux-\w+$/).map((name) => `${root}/lib/${name}`)
      return [
        ...this.#versions(`${root}/lib/site_perl`).flatMap((path) => [...this.#machines(path), path]),
        `${root}/lib/site_perl`,
        ...this.#versions(`${root}/lib/perl5`).flatMap((path) => [`${path}/site_perl`, `${path}/vendor_perl`]),
        ...machines.flatMap((machine) => this.#versions(`${machine}/perl5`)),
        `${root}/lib64/perl5/vendor_perl`,
        `${root}/share/perl5/vendor_perl`,
        `${root}/lib64/perl5`,
        `${root}/share/perl5`,
        ...machines.map((machine) => `${machine}/perl-base`),
        ...machines.flatMap((machine) => this.#versions(`${machine}/perl`)),
        ...this.#versions(`${root}/share/perl`),
        ...this.#versions(`${root}/lib/perl5`).flatMap((path) => [`${path}/core_perl`, ...this.#machines(path), path]),
        ...this.#versions(`${root}/lib`).flatMap((path) => [...this.#machines(path), path]),
      ]
    })
    const existing = ['/etc/perl', ...paths].map((path) => this.#program.directory(path)?.path)
    return [...new Set(existing.filter((path) => path !== undefined))]
  }

  #versions(parent: string): string[] {
    return this.#names(parent, /^5\.\d+(\.\d+)?$/).map((name) => `${parent}/${name}`)
  }

  #machines(parent: string): string[] {
    return this.#names(parent, /-linux/).map((name) => `${parent}/${name}`)
  }

  #names(directory: string, pattern: RegExp): string[] {
    return this.#program.names(directory).filter((name) => pattern.test(name))
  }
}
