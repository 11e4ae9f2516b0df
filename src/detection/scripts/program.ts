import type { NamedFile, NamedFiles } from '../../linux/named-files.ts'
import { procFailure } from '../../linux/proc-error.ts'
import type { Invocation } from './command-line.ts'
import type { Interpreter } from './interpreters.ts'

/** What decides of which files a program is made. All text is bytes as latin1. */
export interface ProgramFacts {
  interpreter: Interpreter
  invocation: Invocation
  /** The path of the interpreter's program file. */
  executable: string
  /** What the interpreter was called as. */
  calledAs: string
  variables: ReadonlyMap<string, string>
}

/** A program as its process was started in some directory, and the files it finds from there. */
export class Program {
  readonly facts: ProgramFacts
  readonly files: NamedFiles
  /** Where relative paths begin; null where that is not known. */
  readonly #directory: string | null

  constructor(facts: ProgramFacts, files: NamedFiles, directory: string | null) {
    this.facts = facts
    this.files = files
    this.#directory = directory
  }

  /** What a path leads to; null where it leads to nothing. Throws where that cannot be told. */
  find(path: string): NamedFile | null {
    if (path.startsWith('/')) return this.files.find(path)
    return this.#directory === null ? null : this.files.find(`${this.#directory}/${path}`)
  }

  /** The regular file at a path; null for anything else, and where it cannot be looked at. */
  file(path: string): NamedFile | null {
    return this.#entry(path, 'file')
  }

  directory(path: string): NamedFile | null {
    return this.#entry(path, 'directory')
  }

  /** The first of these that is a regular file. */
  firstFile(paths: Iterable<string>): NamedFile | null {
    for (const path of paths) {
      const file = this.file(path)
      if (file) return file
    }
    return null
  }

  /** The names in a directory; none where it cannot be read. */
  names(path: string): string[] {
    const directory = this.directory(path)
    return (directory && orNull(() => this.files.list(directory))) ?? []
  }

  /** The first `limit` bytes of a file; null where it cannot be read. */
  read(file: NamedFile, limit: number): Buffer | null {
    return orNull(() => this.files.read(file, limit))
  }

  /** The text of a file as small as one that says how a program is put together; null where it is none. */
  readSmall(path: string): string | null {
    const file = this.file(path)
    if (!file || file.size > smallFile) return null
    return this.read(file, smallFile)?.toString('latin1') ?? null
  }

  /** The paths in a variable, as in PATH: at most 100 that are not empty. */
  pathList(variable: string): string[] {
    return splitPaths(this.facts.variables.get(variable) ?? '')
  }

  #entry(path: string, type: NamedFile['type']): NamedFile | null {
    const file = orNull(() => this.find(path))
    return file?.type === type ? file : null
  }
}

const smallFile = 256 * 1024
const mostPaths = 100

export function splitPaths(text: string): string[] {
  return text.split(':').filter(Boolean).slice(0, mostPaths)
}

export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/')
  if (slash < 0) return ''
  return path.slice(0, slash) || '/'
}

/** A module that cannot be looked at is like one that is not there. Throws where it is this process that is in trouble. */
function orNull<Value>(look: () => Value): Value | null {
  try {
    return look()
  } catch (error) {
    if (procFailure(error) === 'ours') throw error
    return null
  }
}
