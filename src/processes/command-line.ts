import { isUtf8 } from 'node:buffer'
import { basename } from 'node:path'
import { NamedFiles, type NamedFile } from '../linux/named-files.ts'
import { readArguments } from '../linux/process-start.ts'

/** How a program was started. */
export interface CommandLine {
  /**
   * An absolute path. The one that the program was started under where that still leads to it: programs look at the name they
   * are given (busybox, a Python of a virtual environment). Else that of its file.
   */
  program: string
  /** Without the program's own name. Null where they cannot be seen: written over, not UTF-8, or those of something else. */
  arguments: string[] | null
}

interface Seen {
  pid: number
  uid: number
  /** The path of its file. */
  executable: string
  workingDirectory: string
  environment: Record<string, string>
}

/** Looks only where no program of another user sits behind a file system. */
export function commandLineOf(seen: Seen): CommandLine {
  const { pid, executable } = seen
  const given = decoded(pid)
  const [name] = given ?? []
  if (given === null || name === undefined) return { program: executable, arguments: null }
  const program = programNamed(name, seen)
  const fits = program !== null || basename(name) === basename(executable)
  // A title that is shorter than what it was written over has NULs behind it (setproctitle).
  const whole = given.at(-1) !== ''
  return { program: program ?? executable, arguments: fits && whole ? given.slice(1) : null }
}

function decoded(pid: number): string[] | null {
  try {
    const bytes = readArguments(pid).map((argument) => Buffer.from(argument, 'latin1'))
    return bytes.every((argument) => isUtf8(argument)) ? bytes.map(String) : null
  } catch {
    return null
  }
}

/** The path under which the process finds its own program by this name: as execvp(3) looks for it. */
function programNamed(name: string, { pid, uid, executable, workingDirectory, environment }: Seen): string | null {
  const directories = name.includes('/') ? [workingDirectory] : (environment['PATH'] ?? '').split(':')
  const paths = name.startsWith('/') ? [name] : directories.map((directory) => `${directory}/${name}`)
  const files = new NamedFiles(uid)
  try {
    files.open(pid)
    const own = find(files, executable)
    return paths.find((path) => own !== null && find(files, path)?.path === own.path) ?? null
  } catch {
    // It has ended.
    return null
  } finally {
    files.close()
  }
}

function find(files: NamedFiles, path: string): NamedFile | null {
  try {
    return files.find(Buffer.from(path).toString('latin1'))
  } catch {
    // May not be looked at.
    return null
  }
}
