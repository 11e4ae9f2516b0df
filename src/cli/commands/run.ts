import { Option } from 'commander'
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
} from '../operations.ts'
import { leave, orUndo, tell, undo } from '../leave.ts'
import { runInPlace } from '../run-in-place.ts'
import { noteMissing, resourcesOf, takesResources } from '../resources.ts'
import { commandOf, runCommand, type Done, type RunOptions } from '../run-command.ts'

export const addRun: AddCommand = (program, context) => {
  takesShutdownOptions(takesResources(program.command('run')))
    .usage('[FILE]... [options] -- COMMAND [ARG]...')
    .description('Stop what uses these, run COMMAND, start it again')
    .option('--no-restart', 'leave what was stopped down; with --in-place: only list what uses old versions')
    .addOption(
      new Option(
        '--in-place',
        'run COMMAND first, then restart who uses old versions; without RESOURCE: of anything COMMAND has replaced',
      ).conflicts(['force', 'onlyRegistered']),
    )
    .action(async (files: string[], options: RunOptions) => {
      const done: Done = {}
      const way = options.inPlace ? runInPlace : run
      context.exit(await withResult(options, context, done, () => way(files, options, context, done)))
    })
}

/**
 * Whatever happens, what was stopped is started again. The session ends with the command, unless something did not come
 * back: then it stays, abandoned, with the record of it.
 */
async function run(files: string[], options: RunOptions, context: Context, done: Done): Promise<number> {
  const [command, ...args] = commandOf(context)
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
      done.inPlace = await orUndo(restartInPlace(session, null, {}, options, context), session, options, context)
    }
    return interrupt.signal.aborted ? exitCodes.cancelled : done.command.exitCode
  } finally {
    interrupt.stop()
    const meantToStayDown = !options.restart && done.shutdown !== undefined
    await leave(session, meantToStayDown, context).catch((error: unknown) => tell(error, context))
  }
}

/** How much is registered: more than before means that COMMAND's own installers have joined. */
async function registered(session: PrimarySession): Promise<number> {
  return Object.values((await session.summary()).resources).reduce((sum, count) => sum + count, 0)
}
