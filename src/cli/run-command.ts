import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, statSync } from 'node:fs'
import { constants as system } from 'node:os'
import { join } from 'node:path'
import { RestartManagerError } from '../errors/index.ts'
import type { InPlaceResult, RestartResult, ShutdownResult } from '../model/index.ts'
import type { Context } from './context.ts'
import type { OperationOptions } from './operations.ts'
import type { ResourceOptions } from './resources.ts'

export type RunOptions = ResourceOptions & OperationOptions & { restart: boolean; inPlace?: boolean }

/** How far it came: what `--json` says in its last line. */
export interface Done {
  shutdown?: ShutdownResult
  command?: { exitCode: number }
  restart?: RestartResult
  /** What was restarted when COMMAND had changed it: with --in-place everything, else what its own installers registered. */
  inPlace?: InPlaceResult
}

/** COMMAND and its arguments. Fails before anything is stopped where it is not there. Errors: INVALID_ARGUMENT. */
export function commandOf(context: Context): [string, ...string[]] {
  const [command, ...args] = context.rest
  if (command === undefined) {
    throw new RestartManagerError('INVALID_ARGUMENT', 'No COMMAND to run', {
      hint: 'It stands behind two dashes: restartctl run --service nginx -- nginx -t',
    })
  }
  assertCommand(command, context)
  return [command, ...args]
}

function assertCommand(command: string, { environment }: Context): void {
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
