import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { languageOf, ScriptFinder, type Language, type ScriptFindings } from '../../src/detection/scripts/index.ts'
import { readExecutable } from '../../src/linux/process-details.ts'
import { Folder } from './folder.ts'

/** Looks for these files in programs. */
export function finderOf(paths: string[]): ScriptFinder {
  const inodes = new Set(paths.map((path) => statSync(path).ino))
  const languages = new Set(paths.map(languageOf).filter((language): language is Language => language !== null))
  return new ScriptFinder({ has: (ino) => inodes.has(ino), languages, paths })
}

/** What a finder answers for a process, without a pause. */
export function findAll(finder: ScriptFinder, pid: number): ScriptFindings {
  const work = finder.find(pid, readExecutable(pid) ?? '')
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

/** Which of the files the program of a process consists of. */
export function scriptsOf(pid: number, paths: string[]): string[] {
  const { files } = findAll(finderOf(paths), pid)
  return paths.filter((path) => {
    const { dev, ino } = statSync(path, { bigint: true })
    return files.some((file) => file.dev === dev && file.ino === ino)
  })
}

export interface StartOptions {
  /** The working directory. Only the shell sets PWD to it: here it is as it was for who starts it. */
  cwd?: string
  environment?: NodeJS.ProcessEnv
  /** The user and group it runs as; needs root. */
  user?: number
}

/** Starts a program that says "ready" and ends with its standard input, and waits until it has said so. */
export async function startScript(command: string[], options: StartOptions = {}): Promise<Script> {
  const [program = '', ...args] = command
  const { cwd, user } = options
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...options.environment },
    ...(cwd === undefined ? {} : { cwd }),
    ...(user === undefined ? {} : { uid: user, gid: user }),
  })
  const ended = once(child, 'exit')
  const script: Script = {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.stdin.destroy()
      const impatience = setTimeout(() => child.kill('SIGKILL'), 5000)
      await ended
      clearTimeout(impatience)
    },
  }
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    if (String(chunk).startsWith('ready')) return script
  }
  throw new Error(`It ended before it was ready: ${command.join(' ')}`)
}

export interface Script extends AsyncDisposable {
  readonly pid: number
}

/** Why tests of a language are skipped: its interpreter is not here. */
export function without(...programs: string[]): string | false {
  const missing = programs.filter((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error)
  return missing.length > 0 && `${missing.join(' and ')} not installed`
}

/** A folder of files, with what is needed to end when standard input does. */
export class Sources extends Folder {
  /** Writes files, and the folders they lie in. */
  add(files: Record<string, string>): this {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(this.path(name)), { recursive: true })
      this.write(name, text)
    }
    return this
  }

  /** Those of its files that the program of a process consists of, of all or of these. */
  usedBy(pid: number, names: string[] = this.#names()): string[] {
    const used = scriptsOf(
      pid,
      names.map((name) => this.path(name)),
    )
    return names.filter((name) => used.includes(this.path(name))).sort()
  }

  #names(): string[] {
    const entries = readdirSync(this.root, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(this.root, join(entry.parentPath, entry.name)))
  }
}
