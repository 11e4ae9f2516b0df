import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The fixture `windows-installer` as a process of its own. */
export interface OtherProcess extends AsyncDisposable {
  readonly pid: number
  /** Calls one of its functions. `Answer`: what that answers; nothing is checked. */
  call<Answer>(name: string, ...given: unknown[]): Promise<Answer>
  /** SIGKILL, and its end. */
  kill(): Promise<void>
}

/** `user`: the user and group it runs as; needs root. */
interface OtherProcessOptions {
  user?: number
  runtimeDirectory?: string
}

/** Starts one; it ends with its standard input, so with the test at the latest. */
export async function startOtherProcess({ user, runtimeDirectory }: OtherProcessOptions = {}): Promise<OtherProcess> {
  const program = fileURLToPath(new URL('../fixtures/windows-installer.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...(runtimeDirectory && { RESTART_MANAGER_RUNTIME_DIR: runtimeDirectory }) },
    ...(user === undefined ? {} : { uid: user, gid: user }),
  })
  const ended = once(child, 'close')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const line = await lines.next()
    if (line.done === true) throw new Error('The installer has ended')
    return line.value
  }
  if ((await next()) !== 'ready') throw new Error('The installer ended before it was ready')
  return {
    pid: child.pid ?? 0,
    async call<Answer>(name: string, ...given: unknown[]) {
      child.stdin.write(`${JSON.stringify([name, ...given])}\n`)
      return JSON.parse(await next()) as Answer
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async [Symbol.asyncDispose]() {
      child.stdin.destroy()
      const impatience = setTimeout(() => child.kill('SIGKILL'), 5000)
      await ended
      clearTimeout(impatience)
    },
  }
}
