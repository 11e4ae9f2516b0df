import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const timeoutMs = 5000

/** Runs a tool of the system and waits for it. Rejects with its last words. */
export async function runTool(command: [string, ...string[]]): Promise<void> {
  const [program, ...args] = command
  try {
    await run(program, args, { timeout: timeoutMs, env: { ...process.env, LC_ALL: 'C' } })
  } catch (cause) {
    const { stderr = '', code } = cause as { stderr?: string; code?: unknown }
    // They write `NAME: what was to be done: why`.
    const why = stderr.trim().split(': ').at(-1) ?? ''
    throw new Error(why || (code === 'ENOENT' ? `${program} is not there` : (cause as Error).message), { cause })
  }
}

/** Why something could not be done to a process, for a person. */
export function reasonOf(error: unknown): string {
  const { code, message, info } = error as NodeJS.ErrnoException & { info?: { code?: string } }
  const refused = ['EACCES', 'EPERM'].includes(info?.code ?? code ?? '') || message === 'Operation not permitted'
  return refused ? 'not permitted' : message
}
