import { startSession, type PrimarySession } from '../session/index.ts'
import { listStale } from '../session/look.ts'
import type { AffectedList, InPlaceOptions } from '../model/index.ts'
import { onInterrupt, type Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { leave, orUndo, tell } from './leave.ts'
import { emitJson, requireConsent, restartInPlace } from './operations.ts'
import { namesResources, noteMissing, resourcesOf } from './resources.ts'
import { commandOf, runCommand, type Done, type RunOptions } from './run-command.ts'

const question = 'Restart them?'

/**
 * `run --in-place`: COMMAND runs first, then whoever uses an old version of the resources is restarted, and the processes
 * and services that are named; without resources everything on the machine that COMMAND has made out of date. Where COMMAND
 * fails nothing is restarted: what runs is known to work. Either way it is listed what remains.
 */
export async function runInPlace(files: string[], options: RunOptions, context: Context, done: Done): Promise<number> {
  const [command, ...args] = commandOf(context)
  if (options.restart) requireConsent(options, context)
  const interrupt = onInterrupt()
  const cancelled = () => interrupt.signal.aborted
  const session = await startSession()
  try {
    const stale = !namesResources(files, options)
    noteMissing(files, context)
    if (!stale) await session.register(resourcesOf(files, options))
    const before = stale ? await listStale() : await session.list({ probe: 'off' })
    if (cancelled()) return exitCodes.cancelled
    done.command = await runCommand([command, ...args], session.key, options, context, interrupt.signal)
    emitJson('command', done.command, options, context)
    if (cancelled()) return exitCodes.cancelled
    const inPlace = { stale, before, signal: interrupt.signal }
    const { exitCode } = done.command
    try {
      done.inPlace = await restartOld(session, inPlace, exitCode, options, context)
    } catch (error) {
      if (exitCode === 0 || cancelled()) throw error
      tell(error, context)
    }
    return exitCode
  } finally {
    interrupt.stop()
    await leave(session, false, context).catch((error: unknown) => tell(error, context))
  }
}

async function restartOld(
  session: PrimarySession,
  inPlace: InPlaceOptions & { before: AffectedList },
  exitCode: number,
  options: RunOptions,
  context: Context,
) {
  const listOnly = !options.restart || exitCode !== 0
  if (options.restart && listOnly) context.terminal.message(`COMMAND ended with ${exitCode}: nothing is restarted`)
  const wanted = listOnly ? { ...inPlace, confirm: () => false } : inPlace
  const restarting = restartInPlace(session, listOnly ? null : question, wanted, options, context)
  return orUndo(restarting, session, options, context)
}
