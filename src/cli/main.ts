import { Command, CommanderError } from 'commander'
import { RestartManagerError } from '../errors/index.ts'
import { exactArguments } from '../linux/arguments.ts'
import type { AddCommand, Context } from './context.ts'
import { version } from './version.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { shown } from './output/text.ts'
import { terminal } from './terminal.ts'

/** Each is loaded when it is called, and all of them for help: a quick look must not wait for the rest. */
const commands: Record<string, () => Promise<AddCommand>> = {
  list: async () => (await import('./commands/list.ts')).addList,
  stale: async () => (await import('./commands/stale.ts')).addStale,
  run: async () => (await import('./commands/run.ts')).addRun,
  session: async () => (await import('./commands/session.ts')).addSession,
  sessions: async () => (await import('./commands/sessions.ts')).addSessions,
  filter: async () => (await import('./commands/filter.ts')).addFilter,
  application: async () => (await import('./commands/application.ts')).addApplication,
  recover: async () => (await import('./commands/recover.ts')).addRecover,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
}

/** Runs restartctl with these arguments and answers the exit code. */
export async function main(args: string[]): Promise<number> {
  let code: number = exitCodes.done
  const { own, rest } = splitCommand(exactArguments(args))
  const context: Context = { terminal, environment: process.env, rest, exit: (wanted) => (code = wanted) }
  try {
    await (await program(context, own[0])).parseAsync(own, { from: 'user' })
    return code
  } catch (error) {
    return fail(error)
  }
}

async function program(context: Context, called = ''): Promise<Command> {
  const made = new Command('restartctl')
    .description('Find out who uses the files an installer replaces, stop them politely, start them again')
    .version(version, '--version')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'restartctl: ')) })
    .showHelpAfterError('(see restartctl --help)')
  const one = Object.hasOwn(commands, called) ? commands[called] : undefined
  for (const load of one ? [one] : Object.values(commands)) (await load())(made, context)
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
    if (error.hint !== null) terminal.message(`  ${shown(error.hint)}`)
    return exitCodeOf(error.code)
  }
  terminal.message(`restartctl: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return exitCodes.failed
}
