import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, statSync } from 'node:fs'
import { constants as system } from 'node:os'
import { join } from 'node:path'
import { RestartManagerError } from '../errors/index.ts'
import type { Context } from './context.ts'

/** Fails before anything is stopped where COMMAND is not there. Errors: INVALID_ARGUMENT. */
export function assertCommand(command: string, { environment }: Context): void {
  const folders = command.includes('/') ? [''] : (environment['PATH'] ?? '').split(':')
  for (const folder of folders) {
    try {
      const file = folder === '' ? command : join(folder, command)
      accessSync(file, constants.X_OK)
      if (statSync(file).isFile()) return
    } catch {
      // Not in this folder.
    }
  }
  throw new RestartManagerError('INVALID_ARGUMENT', `No such command: ${command}; nothing was stopped`)
}

/**
 * Runs COMMAND with the session's key in its environment and waits for it. A signal that asks restartctl to end is passed
 * on; COMMAND decides when it is done. Its standard output goes to standard error where standard output is JSON. Errors:
 * INVALID_ARGUMENT where COMMAND cannot be started.
 */
export async function runCommand(
  [command, ...args]: [string, ...string[]],
  key: string,
  options: { json?: boolean },
  context: Context,
  signal: AbortSignal,
): Promise<{ exitCode: number }> {
  const child = spawn(command, args, {
    env: { ...context.environment, RESTART_MANAGER_SESSION: key },
    stdio: ['inherit', options.json ? 2 : 'inherit', 'inherit'],
  })
  // A terminal sends its SIGINT to COMMAND too; whoever else asks restartctl to end means COMMAND as well.
  const passOn = () => {
    if (!context.terminal.interactive || signal.reason !== 'SIGINT') child.kill('SIGTERM')
  }
  signal.addEventListener('abort', passOn, { once: true })
  if (signal.aborted) passOn()
  try {
    const [code, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return { exitCode: code ?? 128 + system.signals[killedBy ?? 'SIGKILL'] }
  } catch (error) {
    throw new RestartManagerError('INVALID_ARGUMENT', `Cannot run ${command}: ${(error as Error).message}`, {
      cause: error,
    })
  } finally {
    signal.removeEventListener('abort', passOn)
  }
}
