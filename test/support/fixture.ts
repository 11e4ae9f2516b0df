import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { readProcessStat } from '../../src/linux/process-stat.ts'
import type { ProcessIdentity } from '../../src/model/index.ts'

export interface Fixture extends AsyncDisposable {
  readonly pid: number
  readonly process: ProcessIdentity
  /** Closes its standard input, at which every fixture ends, and waits for that; kills it where it does not. */
  stop(): Promise<void>
}

export interface FixtureOptions {
  /** The user and group it runs as; needs root. */
  user?: number
  /** A command that runs the fixture: `['unshare', '-m']`. It must replace itself with it. */
  under?: string[]
  environment?: NodeJS.ProcessEnv
}

/** Starts a program of test/fixtures and waits until it says "ready". Rejects where it ends before. */
export async function startFixture(name: string, args: string[] = [], options: FixtureOptions = {}): Promise<Fixture> {
  const program = fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url))
  const command = [
    ...(options.under ?? []),
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    program,
    ...args,
  ]
  const fixture = start(command, options)
  await untilReady(fixture.child, name)
  return fixture
}

/**
 * Starts any program that ends with its standard input (a copy of cat). It runs when this returns: spawn answers only when
 * the new program has taken over.
 */
export function startProgram(command: string[], options: FixtureOptions = {}): Fixture {
  return start(command, options)
}

type Child = ChildProcessByStdio<Writable, Readable, null>

class RunningFixture implements Fixture {
  readonly child: Child
  readonly #ended: Promise<unknown>

  constructor(child: Child) {
    this.child = child
    this.#ended = once(child, 'exit')
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  get process(): ProcessIdentity {
    const stat = readProcessStat(this.pid)
    if (!stat) throw new Error(`The fixture ${this.pid} has ended`)
    return stat.identity
  }

  async stop(): Promise<void> {
    this.child.stdin.destroy()
    const impatience = setTimeout(() => this.child.kill('SIGKILL'), 5000)
    await this.#ended
    clearTimeout(impatience)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

function start([program = '', ...args]: string[], { user, environment }: FixtureOptions): RunningFixture {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
    ...(user === undefined ? {} : { uid: user, gid: user }),
  })
  return new RunningFixture(child)
}

async function untilReady(child: Child, name: string): Promise<void> {
  let said = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    said += String(chunk)
    if (said.startsWith('ready')) return
  }
  throw new Error(`The fixture ${name} ended before it was ready: ${said}`)
}
