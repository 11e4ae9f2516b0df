import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type Access = 'read' | 'write' | 'append' | 'read-write' | 'path'
export type MappingKind = 'code' | 'data' | 'shared'

/** What a holder does; test/fixtures/holder.py says what each step means. */
export type Step =
  | ['open' | 'close', path: string, access: Access]
  | ['map' | 'unmap', path: string, kind: MappingKind]
  | ['copy-into-memory' | 'read', path: string]
  | ['work-in' | 'root-in', directory: string]
  | ['name', name: string]
  | ['become', user: number]
  | ['hide-memory']
  | ['unshare', what: 'files' | 'working-directory' | 'mounts' | 'users']
  | ['bind', source: string, target: string]
  | ['enter-new-pid-namespace' | 'end-first-thread']
  | ['in-thread', steps: Step[]]
  | ['run', ...command: string[]]

interface Answer {
  pid?: number
  error?: string
}

const python = '/usr/bin/python3'
const program = fileURLToPath(new URL('../fixtures/holder.py', import.meta.url))

/** Why there are no holders on this machine; null where there are. */
export function holdersAvailable(): string | null {
  const { status } = spawnSync(python, ['-I', '-c', 'import ctypes, mmap'], { stdio: 'ignore' })
  return status === 0 ? null : `The processes of this test need ${python} with ctypes (apt install python3)`
}

/** Processes that hold what a test tells them to. They end when this is disposed of, or with the test. Needs `holdersAvailable()`. */
export class Holders implements AsyncDisposable {
  readonly #child = spawn(python, ['-I', '-X', 'utf8', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  readonly #ended = once(this.#child, 'exit')
  readonly #waiting: ((answer: Answer) => void)[] = []
  #isOver = false

  constructor() {
    this.#child.stdin.on('error', () => undefined)
    createInterface({ input: this.#child.stdout })
      .on('line', (line) => this.#waiting.shift()?.(JSON.parse(line) as Answer))
      .on('close', () => {
        this.#isOver = true
        this.#waiting.splice(0).forEach((answer) => answer({ error: 'holder.py has ended' }))
      })
  }

  /** The process that starts them all, and has nothing. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The process `holder` does these steps, and is started for it where it is not there yet. Answers its pid. */
  async tell(holder: string, steps: Step[]): Promise<number> {
    const { pid } = await this.#ask({ holder, steps })
    if (pid === undefined) throw new Error('holder.py answered without a pid')
    return pid
  }

  /** Ends one, and waits for that. */
  async end(holder: string): Promise<void> {
    await this.#ask({ end: holder })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end()
    await this.#ended
  }

  async #ask(request: { holder: string; steps: Step[] } | { end: string }): Promise<Answer> {
    if (this.#isOver) throw new Error('holder.py has ended')
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.push(resolve)
      this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    })
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer
  }
}
