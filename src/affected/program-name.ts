import { basename } from 'node:path'

/** Programs that run other programs: what they run is what a person knows. */
const interpreter = /^(node|nodejs|bun|deno|python[\d.]*|pypy3?|perl[\d.]*|ruby[\d.]*|php[\d.]*|sh|bash|dash|zsh|ksh)$/

/**
 * What a person calls a program: its file, or for an interpreter the script, where the first argument that is no option
 * is a path. For show only; nothing is decided by it. `fallback`: the kernel's name for it.
 */
export function programName(executable: string | null, command: string[], fallback: string): string {
  if (executable === null) return fallback
  const name = basename(executable)
  if (!interpreter.test(name)) return name
  const script = scriptOf(command.slice(1))
  return script?.includes('/') ? basename(script) : name
}

/** Options whose next argument is program text, or a module: no file. */
const textOptions = /^(-c|-e|-m|-p|-E|-r|--eval|--print|-)$/

function scriptOf(args: string[]): string | undefined {
  const first = args.find((argument) => !argument.startsWith('-') || textOptions.test(argument))
  return first === undefined || textOptions.test(first) ? undefined : first
}
