import { exactFileNumber, type ExactFileNumber } from '../../linux/file-number.ts'
import { NamedFiles, pathInRoot } from '../../linux/named-files.ts'
import { readCredentials } from '../../linux/process-details.ts'
import { magicLink } from '../../linux/process-files.ts'
import {
  readArguments,
  readRoot,
  readShownUser,
  readVariables,
  readView,
  type ProcessView,
} from '../../linux/process-start.ts'
import { pathFromBytes } from '../../text/index.ts'
import { Allowance } from './allowance.ts'
import { parseCommand } from './command-line.ts'
import { interpreterOf, mayRunScripts } from './interpreters.ts'
import { moduleSystems } from './module-systems.ts'
import { Program, type ProgramFacts } from './program.ts'
import { ProgramWalk, type WalkContext, type WalkFromDirectory, type WalkResult } from './program-walk.ts'
import { removedScript } from './removed-script.ts'
import { startDirectories, whatIsCertain } from './start-directory.ts'
import { TargetDirectories, type ScriptTargets } from './script-targets.ts'

/** A file that a program consists of. */
export interface ScriptFile extends ExactFileNumber {
  /** It leads there for this process, whatever it is called for the one that runs it. */
  path: string | Buffer
  /** Its path in the root of the one that runs it, without links; null where it was opened without a name. */
  name: string | null
  /**
   * When the file was put there or last changed, in milliseconds since 1970. A process that has started before runs an older
   * version. Null where it is the very file that was opened.
   */
  changedAt: number | null
}

export interface ScriptFindings {
  files: ScriptFile[]
  /** The path of the program's script where it certainly names nothing any more, as the process calls it. */
  removed: string | null
  /** Why there may be more: not all of the program could be looked at. */
  gap: Error | null
}

const nothing: ScriptFindings = { files: [], removed: null, gap: null }

/**
 * Finds which of the files that are looked for a process runs as a script, or has among the modules of its program, from its
 * command line, its working directory, its environment and the files themselves. Nothing is run. For one detection: what was
 * found out about one process holds for all that run the same.
 */
export class ScriptFinder {
  readonly #context: WalkContext
  /**
   * Scripts that are no target, by who names them how. A process that hides its memory counts as root's here: it can keep its
   * own use to itself by that, and nobody else's.
   */
  readonly #elsewhere = new Set<string>()
  readonly #programs = new Map<string, ProgramResult>()
  readonly #files = new Map<string, NamedFiles>()
  readonly #allowances = new Map<number, Allowance>()

  constructor(targets: ScriptTargets) {
    this.#context = { targets, directories: new TargetDirectories(targets), references: new Map() }
  }

  /**
   * Those files of the program that `pid` runs, with `executable` for its interpreter, that may be targets by their inode: the
   * script always, its modules where a target may be one of its language. Throws ENOENT and ESRCH where the process has gone,
   * EACCES where it may not be looked at. At most a few milliseconds lie between two yields. `changedSince`: only files that
   * have been put there or changed after that, in milliseconds since 1970.
   */
  *find(pid: number, executable: string, changedSince = -Infinity): Generator<void, ScriptFindings> {
    if (!mayRunScripts(executable)) return nothing
    const command = readArguments(pid)
    const interpreter = interpreterOf(executable, command)
    if (!interpreter) return nothing
    const invocation = parseCommand(interpreter, command)
    const withModules = this.#context.targets.languages.has(interpreter.language)
    if (invocation.script === null && !withModules) return nothing
    const descriptor = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(invocation.script ?? '')?.[1]
    if (descriptor !== undefined) return this.#openScript(pid, descriptor)
    const absolute = invocation.script?.startsWith('/') === true
    const shown = readShownUser(pid)
    const quickKey = withModules || !absolute ? null : `${shown} ${readRoot(pid)} ${String(invocation.script)}`
    if (quickKey !== null && this.#elsewhere.has(quickKey)) return nothing
    const facts = {
      interpreter,
      invocation,
      executable: Buffer.from(executable).toString('latin1'),
      calledAs: command[0] ?? '',
      variables: new Map<string, string>(),
    }
    const view = readView(pid)
    if (quickKey === null) {
      facts.variables = readVariables(pid, new Set(['PWD', ...moduleSystems[interpreter.language].variables]))
    } else {
      view.workingDirectory = null
    }
    const user = readCredentials(pid)?.uid ?? -1
    const result = yield* this.#walk(pid, user, facts, view)
    if (quickKey !== null && user === shown && result.files.length === 0 && result.gap === null) {
      this.#elsewhere.add(quickKey)
    }
    return {
      files: result.files
        .filter(({ changedAt }) => changedAt > changedSince)
        .map(({ path, dev, ino, changedAt }) => ({
          path: pathInRoot(pid, path),
          name: pathFromBytes(Buffer.from(path, 'latin1')),
          dev,
          ino,
          changedAt,
        })),
      removed: result.removed,
      gap: result.gap,
    }
  }

  /** What was executed by a descriptor (fexecve(3)) is open under it, or has been. */
  #openScript(pid: number, descriptor: string): ScriptFindings {
    const path = magicLink(pid, `fd/${descriptor}`)
    const file = exactFileNumber(path)
    if (!file || !this.#context.targets.has(Number(file.ino))) return nothing
    const script = { path, name: null, dev: file.dev, ino: file.ino, changedAt: null }
    return { files: [script], removed: null, gap: null }
  }

  *#walk(pid: number, user: number, facts: ProgramFacts, view: ProcessView): Generator<void, ProgramResult> {
    const key = JSON.stringify([user, view, Object.values(facts).map(plain)])
    const known = this.#programs.get(key)
    if (known) return known
    const files = this.#filesOf(view.root, user)
    files.open(pid)
    try {
      const walks: WalkFromDirectory[] = []
      const directories = startDirectories(files, facts.variables.get('PWD'), view.workingDirectory)
      for (const directory of directories) {
        const program = new Program(facts, files, directory)
        const system = new moduleSystems[facts.interpreter.language].modules(program)
        walks.push(yield* new ProgramWalk(this.#context, program, system, this.#allowanceOf(user)).run())
      }
      const removed = walks.some(({ hasMain }) => hasMain) ? null : removedScript(files, facts, directories)
      const result = { ...whatIsCertain(facts.invocation, walks), removed }
      this.#programs.set(key, result)
      return result
    } finally {
      files.close()
    }
  }

  #filesOf(root: string, user: number): NamedFiles {
    return getOrMake(this.#files, `${user} ${root}`, () => new NamedFiles(user))
  }

  #allowanceOf(user: number): Allowance {
    return getOrMake(this.#allowances, user, () => new Allowance())
  }
}

interface ProgramResult extends WalkResult {
  removed: string | null
}

/** What JSON has no form for. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return [...(value as ReadonlyMap<unknown, unknown>)]
  return value
}

function getOrMake<Key, Value>(values: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = values.get(key)
  if (known !== undefined) return known
  const made = make()
  values.set(key, made)
  return made
}
