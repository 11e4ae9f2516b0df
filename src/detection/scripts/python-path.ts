import { directoryOf, type Program } from './program.ts'

const mostPathFiles = 50

/**
 * Where Python finds modules (sys.path): beside the script or where it was started, PYTHONPATH, the standard library, and
 * what is installed besides, in a virtual environment or for all. As `site` and getpath do, without archives.
 */
export class PythonPath {
  readonly entries: readonly string[]
  readonly libraries: readonly string[]
  /** What byte code files have in their names: `cpython-311`; null where the version is not known. */
  readonly tag: string | null
  /** `.opt-1` for `python -O`. */
  readonly optimization: string
  readonly #program: Program

  constructor(program: Program) {
    this.#program = program
    const { flags } = program.facts.invocation
    const prefix = this.#prefix()
    const version = this.#version(prefix)
    this.tag = version === null ? null : `cpython-${version.replace('.', '')}`
    this.optimization = flags.includes('O') ? '.opt-1' : ''
    const ignoresVariables = flags.includes('E') || flags.includes('I')
    const variables = ignoresVariables ? [] : program.pathList('PYTHONPATH')
    this.libraries = version === null ? [] : this.#libraries(prefix, version)
    this.entries = [...this.#first(ignoresVariables), ...variables, ...this.libraries, ...this.#pathFiles()].slice(
      0,
      100,
    )
  }

  /** The directory of the script, its links followed; for a module or text the working directory: relative. */
  #first(ignoresVariables: boolean): string[] {
    const { invocation, variables } = this.#program.facts
    const { flags, script } = invocation
    if (flags.includes('I') || flags.includes('P') || (!ignoresVariables && variables.get('PYTHONSAFEPATH'))) return []
    if (script === null) return ['']
    const file = this.#program.find(script)
    if (!file) return []
    return [file.type === 'directory' ? file.path : directoryOf(file.path)]
  }

  /** Where it is installed: above the `bin` that its program file is in. */
  #prefix(): string {
    return directoryOf(directoryOf(this.#program.facts.executable))
  }

  #version(prefix: string): string | null {
    const { version } = this.#program.facts.interpreter
    const named = /^3\.\d+/.exec(version)?.[0]
    if (named !== undefined) return named
    if (!/^3?$/.test(version)) return null
    const installed = this.#program.names(join(prefix, 'lib')).filter((name) => /^python3\.\d+$/.test(name))
    return installed.length === 1 ? (installed[0]?.slice('python'.length) ?? null) : null
  }

  #libraries(prefix: string, version: string): string[] {
    const { flags } = this.#program.facts.invocation
    const python = `python${version}`
    const environment = this.#virtualEnvironment()
    const own = environment ? siteDirectories(environment.prefix, python) : []
    const standard = ['lib', 'lib64'].map((lib) => join(prefix, `${lib}/${python}`))
    if (flags.includes('S')) return this.#existing(standard)
    const common = environment && !environment.seesCommon ? [] : this.#commonDirectories(prefix, python)
    return this.#existing([...standard, ...standard.map((path) => `${path}/lib-dynload`), ...own, ...common])
  }

  /** Of the user and of the machine; Debian's have names of their own. */
  #commonDirectories(prefix: string, python: string): string[] {
    const { invocation, variables } = this.#program.facts
    const home = variables.get('PYTHONUSERBASE') ?? (variables.has('HOME') ? `${variables.get('HOME')}/.local` : null)
    const withoutUser = ['s', 'I'].some((flag) => invocation.flags.includes(flag)) || variables.has('PYTHONNOUSERSITE')
    const user = home === null || withoutUser ? [] : [`${home}/lib/${python}/site-packages`]
    const local =
      prefix === '/usr'
        ? [
            ...siteDirectories('/usr/local', python),
            `/usr/local/lib/${python}/dist-packages`,
            '/usr/lib/python3/dist-packages',
          ]
        : []
    return [...user, ...siteDirectories(prefix, python), ...local]
  }

  /** By the `pyvenv.cfg` beside or above what it was called as (PEP 405). */
  #virtualEnvironment(): { prefix: string; seesCommon: boolean } | null {
    const directory = directoryOf(this.#calledAs())
    if (directory === '') return null
    for (const prefix of [directoryOf(directory), directory]) {
      const text = this.#program.readSmall(join(prefix, 'pyvenv.cfg'))
      if (text !== null) return { prefix, seesCommon: /^include-system-site-packages\s*=\s*true\s*$/im.test(text) }
    }
    return null
  }

  /** A name without a slash was found by PATH. */
  #calledAs(): string {
    const { calledAs } = this.#program.facts
    if (calledAs.includes('/')) return calledAs
    const found = this.#program.pathList('PATH').find((directory) => this.#program.file(`${directory}/${calledAs}`))
    return found === undefined ? '' : `${found}/${calledAs}`
  }

  /** What the `.pth` files of the libraries add, a directory a line (site). */
  #pathFiles(): string[] {
    return this.libraries
      .filter((library) => /(site|dist)-packages$/.test(library))
      .flatMap((library) => {
        const names = this.#program.names(library).filter((name) => name.endsWith('.pth'))
        return names.slice(0, mostPathFiles).flatMap((name) => this.#linesOf(library, name))
      })
  }

  #linesOf(library: string, name: string): string[] {
    const lines = this.#program.readSmall(join(library, name))?.split(/\r?\n/) ?? []
    const paths = lines.filter((line) => line.trim() !== '' && !/^(#|import[ \t])/.test(line))
    return paths.map((line) => (line.startsWith('/') ? line.trim() : join(library, line.trim())))
  }

  #existing(paths: string[]): string[] {
    return [...new Set(paths.map((path) => this.#program.directory(path)?.path).filter((path) => path !== undefined))]
  }
}

function siteDirectories(prefix: string, python: string): string[] {
  return ['lib', 'lib64'].map((lib) => join(prefix, `${lib}/${python}/site-packages`))
}

function join(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`
}
