import { RestartManagerError } from '../errors/index.ts'
import type { PrimarySession } from '../session/index.ts'
import type { Context } from './context.ts'
import { restart, type OperationOptions } from './operations.ts'
import { shown } from './output/text.ts'

// How a command leaves the session that it has started, whatever has happened.

/** The session ends, unless something still has to be started again: the record of that stays. */
export async function leave(session: PrimarySession, meantToStayDown: boolean, context: Context): Promise<void> {
  if (meantToStayDown || !(await somethingStopped(session))) await session.end()
  else context.terminal.message('What is not back stays on record; start it again: restartctl recover')
}

/** What goes wrong after an error is told, and does not hide that error. */
export function tell(error: unknown, { terminal }: Context): void {
  terminal.message(`restartctl: ${shown((error as Error).message)}`)
}

/** Where a restart in place fails half-way what it has stopped is started; where it has come to its end, that has been tried. */
export async function orUndo<Result>(
  restarting: Promise<Result>,
  session: PrimarySession,
  options: OperationOptions,
  context: Context,
): Promise<Result> {
  try {
    return await restarting
  } catch (error) {
    const ended = error instanceof RestartManagerError && error.code === 'FAIL_RESTART'
    if (!ended) await undo(session, options, context)
    throw error
  }
}

/** Starts again what is down; what goes wrong with that is told. */
export async function undo(session: PrimarySession, options: OperationOptions, context: Context): Promise<void> {
  try {
    if (await somethingStopped(session)) await restart(session, options, context)
  } catch (error) {
    tell(error, context)
  }
}

/** Something that can be started again is down: also after an error half-way. */
async function somethingStopped(session: PrimarySession): Promise<boolean> {
  return (await session.summary()).state !== 'open'
}
