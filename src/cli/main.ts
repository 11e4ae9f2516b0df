import { Command, CommanderError } from 'commander'
import { RestartManagerError } from '../errors/index.ts'
import { addApplication } from './commands/application.ts'
import { addDoctor } from './commands/doctor.ts'
import { addFilter } from './commands/filter.ts'
import { addList } from './commands/list.ts'
import { addRun } from './commands/run.ts'
import { addSession } from './commands/session.ts'
import { addSessions } from './commands/sessions.ts'
import type { Context } from './context.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { shown } from './output/text.ts'
import { terminal } from './terminal.ts'

/** Runs restartctl with these arguments and answers the exit code. */
export async function main(args: string[]): Promise<number> {
  let code: number = exitCodes.done
  const { own, rest } = splitCommand(args)
  const context: Context = { terminal, environment: process.env, rest, exit: (wanted) => (code = wanted) }
  try {
    await program(context).parseAsync(own, { from: 'user' })
    return code
  } catch (error) {
    return fail(error)
  }
}

function program(context: Context): Command {
  const made = new Command('restartctl')
    .description('Find out who uses the files an installer replaces, stop them politely, start them again')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'restartctl: ')) })
    .showHelpAfterError('(see restartctl --help)')
  for (const add of [addList, addRun, addSession, addSessions, addFilter, addApplication, addDoctor]) add(made, context)
  return made
}

/** For `run` and `application register` all that stands behind the first `--` is another command's. */
function splitCommand(args: string[]): { own: string[]; rest: string[] } {
  const dashes = args.indexOf('--')
  if (dashes < 0 || !['run', 'application'].includes(args[0] ?? '')) return { own: args, rest: [] }
  return { own: args.slice(0, dashes), rest: args.slice(dashes + 1) }
}

function fail(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage
  if (error instanceof RestartManagerError) {
    terminal.message(`${terminal.style('message', 'red', 'restartctl:')} ${shown(error.message)}`)
    if (error.hint !== null) terminal.message(`  ${error.hint}`)
    return exitCodeOf(error.code)
  }
  terminal.message(`restartctl: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return exitCodes.failed
}
