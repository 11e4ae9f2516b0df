import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The crowd ends by then, whatever happens. */
const longestLifeSeconds = 300

export interface Crowd extends AsyncDisposable {
  readonly count: number
}

/**
 * Starts `count` processes that map what a Python interpreter maps; one of them has `busyFile` open. Disposing ends them:
 * they end with their parent, and the parent with its standard input.
 */
export async function startCrowd(count: number, busyFile: string): Promise<Crowd> {
  const program = fileURLToPath(new URL('crowd.py', import.meta.url))
  const parent = spawn('python3', [program, String(count), String(longestLifeSeconds), busyFile], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(parent, 'exit')
  await Promise.race([
    once(parent.stdout, 'data'),
    ended.then(() => Promise.reject(new Error('The crowd did not start'))),
  ])
  return {
    count,
    async [Symbol.asyncDispose]() {
      parent.stdin.destroy()
      await ended
    },
  }
}
