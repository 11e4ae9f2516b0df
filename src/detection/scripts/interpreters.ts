import type { Language } from './languages.ts'

/** A program that runs scripts, as the one who wrote its command line sees it. */
export type InterpreterName =
  'python' | 'node' | 'bun' | 'deno' | 'perl' | 'ruby' | 'php' | 'java' | 'bash' | 'sh' | 'zsh' | 'ksh'

export interface Interpreter {
  name: InterpreterName
  language: Language
  /** What is in the file's name of it: `3.11`; empty where there is none. */
  version: string
  /** So many arguments come before its own: one for `busybox sh`. */
  skip: number
}

const names: readonly [RegExp, InterpreterName, Language][] = [
  [/^(?:python|pypy)(\d[\d.]*)?(?:d|t|-dbg)?$/, 'python', 'python'],
  [/^(?:node|nodejs|node-?)(\d[\d.]*)?$/, 'node', 'node'],
  [/^bun()$/, 'bun', 'node'],
  [/^deno()$/, 'deno', 'node'],
  [/^perl(\d[\d.]*)?$/, 'perl', 'perl'],
  [/^(?:ruby|jruby|truffleruby)(\d[\d.]*)?$/, 'ruby', 'ruby'],
  [/^php-?(\d[\d.]*)?$/, 'php', 'php'],
  [/^java()$/, 'java', 'java'],
  [/^bash(?:-static)?([\d.]*)$/, 'bash', 'shell'],
  [/^(?:dash|sh|ash|posh|yash)()$/, 'sh', 'shell'],
  [/^zsh-?([\d.]*)(?:-static)?$/, 'zsh', 'shell'],
  [/^(?:ksh|mksh|lksh|oksh|ksh93)()$/, 'ksh', 'shell'],
]

const busybox = /^busybox(\.\w+|-static)?$/

/** Whether a program file is an interpreter's, or one that may be: the arguments need not be read where it is not. */
export function mayRunScripts(executable: string): boolean {
  const name = fileName(executable)
  return busybox.test(name) || byName(name, 0) !== null
}

/**
 * Which interpreter a process runs, by the path of its program file, wherever that lies; " (deleted)" behind it does not
 * matter. BusyBox is all its applets, and the arguments tell which. Null: it runs no scripts.
 */
export function interpreterOf(executable: string, command: readonly string[]): Interpreter | null {
  const name = fileName(executable)
  if (!busybox.test(name)) return byName(name, 0)
  const applet = baseName(command[0] ?? '').replace(/^-/, '')
  const shell = applet.startsWith('busybox') ? byName(command[1] ?? '', 1) : byName(applet, 0)
  return shell?.name === 'sh' ? shell : null
}

function byName(file: string, skip: number): Interpreter | null {
  for (const [pattern, name, language] of names) {
    const match = pattern.exec(file)
    if (match) return { name, language, version: match[1] ?? '', skip }
  }
  return null
}

function fileName(executable: string): string {
  return baseName(executable.replace(/ \(deleted\)$/, ''))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
