import { JavaModules } from './java.ts'
import type { Language } from './languages.ts'
import type { ModuleSystem } from './module-system.ts'
import { NodeModules } from './node.ts'
import { PerlModules } from './perl.ts'
import { PhpModules } from './php.ts'
import type { Program } from './program.ts'
import { PythonModules } from './python.ts'
import { RubyModules } from './ruby.ts'
import { ShellModules } from './shell.ts'

interface LanguageSupport {
  modules: new (program: Program) => ModuleSystem
  /** The variables of the environment that decide what a program is made of, beside PWD. */
  variables: readonly string[]
}

const python = ['PATH', 'HOME', 'PYTHONPATH', 'PYTHONSAFEPATH', 'PYTHONNOUSERSITE', 'PYTHONUSERBASE']

export const moduleSystems: Record<Language, LanguageSupport> = {
  java: { modules: JavaModules, variables: ['CLASSPATH'] },
  node: { modules: NodeModules, variables: ['NODE_PATH', 'NODE_OPTIONS'] },
  perl: { modules: PerlModules, variables: ['PATH', 'PERL5LIB', 'PERLLIB', 'PERL5OPT'] },
  php: { modules: PhpModules, variables: [] },
  python: { modules: PythonModules, variables: python },
  ruby: { modules: RubyModules, variables: ['PATH', 'RUBYLIB', 'RUBYOPT'] },
  shell: { modules: ShellModules, variables: ['PATH'] },
}
