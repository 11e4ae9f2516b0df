import { RestartManagerError } from '../../errors/index.ts'
import type { InPlaceResult, RestartResult, ShutdownResult } from '../../model/index.ts'
import { startSession, type PrimarySession } from '../../session/index.ts'
import { onInterrupt, type AddCommand, type Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import {
  emitJson,
  requireConsent,
  restart,
  restartInPlace,
  shutdown,
  takesShutdownOptions,
  withResult,
  type OperationOptions,
} from '../operations.ts'
import { shown } from '../output/text.ts'
import { noteMissing, resourcesOf, takesResources, type ResourceOptions } from '../resources.ts'
import { assertCommand, runCommand } from '../run-command.ts'

type Options = ResourceOptions & OperationOptions & { restart: boolean }

/** How far it came: what `--json` says in its last line. */
interface Done {
  shutdown?: ShutdownResult
  command?: { exitCode: number }
  restart?: RestartResult
  /** What COMMAND's own installers registered. */
  inPlace?: InPlaceResult
}

export const addRun: AddCommand = (program, context) => {
  takesShutdownOptions(takesResources(program.command('run')))
    .usage('[FILE]... [options] -- COMMAND [ARG]...')
    .description('Stop what uses these, run COMMAND, start it again')
    .option('--no-restart', 'leave what was stopped down')
    .action(async (files: string[], options: Options) => {
      const done: Done = {}
      context.exit(await withResult(options, context, done, () => run(files, options, context, done)))
    })
}

/**
 * Whatever happens, what was stopped is started again. The session ends with the command, unless something did not come
 * back: then it stays, abandoned, with the record of it.
 */
async function run(files: string[], options: Options, context: Context, done: Done): Promise<number> {
  const [command, ...args] = context.rest
  if (command === undefined) {
    throw new RestartManagerError('INVALID_ARGUMENT', 'No COMMAND to run', {
      hint: 'It stands behind two dashes: restartctl run --service nginx -- nginx -t',
    })
  }
  assertCommand(command, context)
  requireConsent(options, context)
  const interrupt = onInterrupt()
  const session = await startSession()
  try {
    const resources = resourcesOf(files, options)
    noteMissing(files, context)
    await session.register(resources)
    const before = await registered(session)
    try {
      done.shutdown = await shutdown(session, `Stop them and run ${command}?`, options, context, interrupt.signal)
      done.command = await runCommand([command, ...args], session.key, options, context, interrupt.signal)
    } catch (error) {
      if (options.restart) await undo(session, options, context)
      throw error
    }
    emitJson('command', done.command, options, context)
    if (options.restart) done.restart = await restart(session, options, context)
    if (options.restart && (await registered(session)) !== before) {
      done.inPlace = await restartInPlace(session, options, context).catch(async (error: unknown) => {
        await undo(session, options, context)
        throw error
      })
    }
    return interrupt.signal.aborted ? exitCodes.cancelled : done.command.exitCode
  } finally {
    interrupt.stop()
    const meantToStayDown = !options.restart && done.shutdown !== undefined
    await leave(session, meantToStayDown, context).catch((error: unknown) => tell(error, context))
  }
}

/** The session ends, unless something still has to be started again: the record of that stays. */
async function leave(session: PrimarySession, meantToStayDown: boolean, context: Context): Promise<void> {
  if (meantToStayDown || !(await somethingStopped(session))) await session.end()
  else context.terminal.message('What is not back stays on record; start it again: restartctl recover')
}

/** What goes wrong after an error is told, and does not hide that error. */
function tell(error: unknown, { terminal }: Context): void {
  terminal.message(`restartctl: ${shown((error as Error).message)}`)
}

async function undo(session: PrimarySession, options: Options, context: Context): Promise<void> {
  try {
    if (await somethingStopped(session)) await restart(session, options, context)
  } catch (error) {
    tell(error, context)
  }
}

/** How much is registered: more than before means that COMMAND's own installers have joined. */
async function registered(session: PrimarySession): Promise<number> {
  return Object.values((await session.summary()).resources).reduce((sum, count) => sum + count, 0)
}

/** Something that can be started again is down: also after an error half-way. */
async function somethingStopped(session: PrimarySession): Promise<boolean> {
  return (await session.summary()).state === 'stopped'
}
