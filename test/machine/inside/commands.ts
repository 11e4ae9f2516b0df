import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { output } from './units.ts'

const commandLine = fileURLToPath(new URL('../../../src/cli/restartctl.ts', import.meta.url))
const commandMs = 60_000

/** The real command, in front of its arguments. */
export const restartctlCommand = [process.execPath, '--disable-warning=ExperimentalWarning', commandLine]

export interface Answer {
  status: number | null
  stdout: string
  stderr: string
}

export interface As {
  /** Whom to run as, with this number as its group too; root by default. */
  uid?: number
  environment?: Record<string, string>
  /** Standard input, which is no terminal; empty by default. */
  input?: string
}

/** Runs a command to its end; an exit code other than 0 is an answer. It sees nothing of this process's environment but PATH. */
export async function execute(command: string[], { uid, environment, input = '' }: As = {}): Promise<Answer> {
  const user = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--']
  const [program = '', ...args] = [...user, ...command]
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', ...environment },
    timeout: commandMs,
    killSignal: 'SIGKILL',
  })
  // A command that does not read its input is no failure.
  child.stdin.on('error', () => undefined).end(input)
  const ended = once(child, 'close') as Promise<[number | null]>
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { status, stdout, stderr }
}

/** Runs `restartctl` with these arguments. */
export async function restartctl(args: string[], as: As = {}): Promise<Answer> {
  return await execute([...restartctlCommand, ...args], as)
}

/** Runs a program of `programs/`; it writes JSON, one line an answer. */
export function program(name: string, ...args: string[]): string[] {
  const path = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url))
  return [process.execPath, '--disable-warning=ExperimentalWarning', path, ...args]
}

/** The lines of JSON that a command wrote. */
export function jsonLines({ stdout }: Answer): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Makes a user who is in no group of the machine. Every test file makes its own. */
export async function makeUser(name: string, uid: number): Promise<void> {
  await output('useradd', '--uid', String(uid), '--user-group', '--create-home', name)
}
