import { basename } from 'node:path'
import { scriptArgument } from '../detection/scripts/index.ts'

/**
 * What a person calls a program: its file, or for an interpreter the script, where that was named by a path. For show only;
 * nothing is decided by it. `fallback`: the kernel's name for it.
 */
export function programName(executable: string | null, command: string[], fallback: string): string {
  if (executable === null) return fallback
  const script = scriptArgument(executable, command)
  return basename(script?.includes('/') ? script : executable)
}
