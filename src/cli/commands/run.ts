import { RestartManagerError } from '../../errors/index.ts'
import type { RestartResult } from '../../model/index.ts'
import { startSession, type PrimarySession } from '../../session/index.ts'
import { onInterrupt, type AddCommand, type Context } from '../context.ts'
import { exitCodeOf, exitCodes } from '../exit-codes.ts'
import {
  confirm,
  declined,
  emitJson,
  requireConsent,
  restart,
  shutdown,
  takesShutdownOptions,
  withResult,
  type OperationOptions,
} from '../operations.ts'
import { resourcesOf, takesResources, type ResourceOptions } from '../resources.ts'
import { assertCommand, runCommand } from '../run-command.ts'

type Options = ResourceOptions & OperationOptions & { restart: boolean }

export const addRun: AddCommand = (program, context) => {
  takesShutdownOptions(takesResources(program.command('run')))
    .usage('[FILE]... [options] -- COMMAND [ARG]...')
    .description('Stop what uses these, run COMMAND, start it again')
    .option('--no-restart', 'leave what was stopped down')
    .action(async (files: string[], options: Options) => {
      const { exitCode } = await withResult(options, context, () => run(files, options, context))
      context.exit(exitCode)
    })
}

/** The session ends with the command, whatever happens; what was stopped has been started again before. */
async function run(files: string[], options: Options, context: Context) {
  const [command, ...args] = context.rest
  if (command === undefined) {
    throw new RestartManagerError('INVALID_ARGUMENT', 'No COMMAND to run', {
      hint: 'It stands behind two dashes: restartctl run --service nginx -- nginx -t',
    })
  }
  assertCommand(command, context)
  requireConsent(options, context)
  const interrupt = onInterrupt()
  try {
    await using session = await startSession()
    await session.register(resourcesOf(files, options))
    const confirmed = await confirm(
      await session.list(),
      `Stop them and run ${command}?`,
      options,
      context,
      interrupt.signal,
    )
    if (!confirmed) throw declined()
    const stopped = await stopOrUndo(session, options, context, interrupt.signal)
    let ended: { exitCode: number }
    let started: RestartResult | null = null
    try {
      ended = await runCommand([command, ...args], session.key, options, context, interrupt.signal)
      emitJson('command', ended, options, context)
    } finally {
      if (options.restart) started = await restart(session, options, context)
    }
    const exitCode = interrupt.signal.aborted ? exitCodes.cancelled : ended.exitCode
    return { exitCode, command: ended, shutdown: stopped, restart: started }
  } finally {
    interrupt.stop()
  }
}

/** A cancelled shutdown leaves stopped what was stopped until then: that is started again here. */
async function stopOrUndo(session: PrimarySession, options: Options, context: Context, signal: AbortSignal) {
  try {
    return await shutdown(session, options, context, signal)
  } catch (error) {
    const cancelled = error instanceof RestartManagerError && exitCodeOf(error.code) === exitCodes.cancelled
    if (cancelled) await restart(session, options, context)
    throw error
  }
}
