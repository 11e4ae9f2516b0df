import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { detectStale } from '../../src/detection/stale/detect-stale.ts'

/** A folder where things are installed: not among temporary files, of which nobody says that they are stale. */
export class InstalledFolder implements Disposable {
  readonly root: string

  /** `parent`: a directory that whoever is to see it may enter. */
  constructor(parent = homedir()) {
    this.root = mkdtempSync(join(parent, '.restart-manager-test-'))
    chmodSync(this.root, 0o755)
  }

  path(name: string): string {
    return join(this.root, name)
  }

  directory(name: string): string {
    mkdirSync(this.path(name))
    return this.path(name)
  }

  /** A file with code: a copy of cat. */
  code(name: string): string {
    copyFileSync('/bin/cat', this.path(name))
    return this.path(name)
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Why nothing can be installed here; null where it can. */
export function installedAvailable(): string | false {
  return /^(\/var)?\/(tmp|run)\//.test(`${homedir()}/`) && 'the home directory is among temporary files'
}

/** As packages do: a copy is written beside the file and renamed over it. */
export function replaceCode(path: string): void {
  copyFileSync('/bin/cat', `${path}.new`)
  renameSync(`${path}.new`, path)
}

/** What is stale of a process: `['libx.so mapped']`, by the last part of the paths or by all of them. */
export async function staleOf(pid: number, { wholePaths = false } = {}): Promise<string[]> {
  const { uses } = await detectStale()
  return uses
    .filter((use) => use.process.pid === pid && use.replaced)
    .map(({ path, as }) => `${wholePaths ? path : basename(path)} ${as}`)
}

/** Starts a program that writes what it reads, or "ready", and ends with its standard input; waits until it runs. */
export async function startEcho(command: string[]): Promise<{ pid: number } & AsyncDisposable> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  child.stdin.write('ready\n')
  const first = once(child.stdout, 'data')
  await Promise.race([first, ended.then(() => Promise.reject(new Error(`It ended: ${command.join(' ')}`)))])
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.stdin.destroy()
      await ended
    },
  }
}
