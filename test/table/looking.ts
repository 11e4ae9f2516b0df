import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type Request = 'look' | { files: string[]; directories: string[] }

/** What detection answers, as JSON. */
export interface Seen {
  uses: { path: string; as: string; pathOnly?: true; replaced: boolean; process: { pid: number } }[]
  uninspected: { process: { pid: number }; name: string; reason: string }[]
}

/** A process that looks for users, as the user it is given. */
export class Looker implements AsyncDisposable {
  readonly #child
  readonly #answers
  readonly #ended

  constructor(user: number | null) {
    const program = fileURLToPath(new URL('looker.ts', import.meta.url))
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      ...(user === null ? {} : { uid: user, gid: user }),
    })
    // Of one that has ended no answer comes: that says enough.
    this.#child.stdin.on('error', () => undefined)
    this.#ended = once(this.#child, 'exit')
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async register(files: string[], directories: string[]): Promise<void> {
    if (files.length + directories.length > 0) await this.#ask({ files, directories })
  }

  /** Who uses what was registered since the last look, found in every way in which detection finds it. */
  async look(): Promise<Seen[]> {
    return (await this.#ask('look')) as Seen[]
  }

  async #ask(request: Request): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    const answer = await this.#answers.next()
    if (answer.done) throw new Error('The process that looks for users has ended')
    return JSON.parse(answer.value)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end()
    await this.#ended
  }
}
