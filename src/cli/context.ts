import type { Command } from 'commander'
import { RestartManagerError } from '../errors/index.ts'
import type { Terminal } from './terminal.ts'

/** What every command is handed. */
export interface Context {
  terminal: Terminal
  environment: NodeJS.ProcessEnv
  /** What stood behind `--`: COMMAND and its arguments. */
  rest: string[]
  /** Sets the exit code where a command is done but not with 0. */
  exit: (code: number) => void
}

/** Adds one or several commands to the program. */
export type AddCommand = (program: Command, context: Context) => void

export function sessionKeyOf(options: { session?: string }, { environment }: Context): string | null {
  return options.session ?? (environment['RESTART_MANAGER_SESSION'] || null)
}

export function requireSessionKey(options: { session?: string }, context: Context): string {
  const key = sessionKeyOf(options, context)
  if (key !== null) return key
  throw new RestartManagerError('INVALID_ARGUMENT', 'No session named', {
    hint: 'Start one: export RESTART_MANAGER_SESSION=$(restartctl session start --owner $$), or give --session KEY',
  })
}

/** Aborts when this process is asked to end, with the signal's name as reason; `stop` gives the signals back their own meaning. */
export function onInterrupt(): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController()
  const abort = (name: NodeJS.Signals) => controller.abort(name)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, abort)
  return {
    signal: controller.signal,
    stop: () => {
      for (const signal of signals) process.off(signal, abort)
    },
  }
}
