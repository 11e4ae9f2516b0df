import { Option, type Command } from 'commander'
import { OperationError, RestartManagerError } from '../errors/index.ts'
import type {
  AffectedList,
  InPlaceOptions,
  InPlacePlan,
  InPlaceResult,
  Progress,
  RestartResult,
  ShutdownOptions,
  ShutdownResult,
} from '../model/index.ts'
import type { PrimarySession } from '../session/index.ts'
import { parseSeconds } from './arguments.ts'
import type { Context } from './context.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { showAffectedList, uninspected } from './output/affected-list.ts'
import { toJson } from './output/json.ts'
import { progressBar } from './output/progress.ts'
import { showLeftOver, showPlan } from './output/left-over.ts'
import { showHeld, showResults } from './output/results.ts'

// What `run` and the verbs of `session` have in common: options, confirmation, and how an operation is shown.

export interface OperationOptions {
  force?: boolean
  onlyRegistered?: boolean
  yes?: boolean
  quiet?: boolean
  json?: boolean
  timeout?: number
}

export function takesShutdownOptions(command: Command): Command {
  return takesOperationOptions(command)
    .option('--force', 'kill what does not end in time')
    .option('--only-registered', 'stop nothing unless everything can be started again')
    .option('--yes', 'do not ask')
}

export function takesOperationOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--timeout <SECONDS>', 'how long an application may take (30, a service 20)').argParser(parseSeconds),
    )
    .option('--quiet', 'say only what went wrong')
    .option('--json', 'JSON lines, the last one of type result')
}

/** One line of JSON with `--json`, nothing without. */
export function emitJson(type: string, fields: object, { json }: OperationOptions, { terminal }: Context): void {
  if (json) terminal.result(toJson({ type, ...fields }))
}

/**
 * Stops what is affected, once the list has been shown and confirmed: that list, and nobody who comes later. Elsewhere than
 * on a terminal only `--yes` says yes; where nothing is affected, or a reboot is required, there is nothing to ask.
 */
export async function shutdown(
  session: PrimarySession,
  question: string,
  options: OperationOptions,
  context: Context,
  signal: AbortSignal,
): Promise<ShutdownResult> {
  const { force = false, onlyRegistered = false } = options
  const { terminal } = context
  const confirm = (list: AffectedList, cancelled: AbortSignal) => {
    emitJson('list', { list }, options, context)
    if (!options.json && !(options.quiet && options.yes)) terminal.message(showAffectedList(list, 'message', terminal))
    if (options.yes || list.applications.length === 0 || list.rebootReasons.length > 0) return true
    return terminal.ask(question, cancelled)
  }
  const shutdownOptions: ShutdownOptions = { force, onlyRegistered, signal, confirm, ...common(options, context) }
  return shownOperation(session.shutdown(shutdownOptions), 'shutdown', options, context)
}

export async function restart(
  session: Pick<PrimarySession, 'restart'>,
  options: OperationOptions,
  context: Context,
): Promise<RestartResult> {
  return shownOperation(session.restart(common(options, context)), 'restart', options, context)
}

/**
 * Restarts whoever uses old versions, once the list has been shown and confirmed where `question` is not null. Without
 * consent nothing is restarted, and what remains is listed.
 */
export async function restartInPlace(
  session: PrimarySession,
  question: string | null,
  inPlace: InPlaceOptions,
  options: OperationOptions,
  context: Context,
): Promise<InPlaceResult> {
  const { terminal } = context
  const confirm = (plan: InPlacePlan, cancelled: AbortSignal) => {
    emitJson('plan', { plan }, options, context)
    if (plan.restart.length === 0 || options.yes) return true
    if (!options.json) terminal.message(showPlan(plan, terminal))
    return terminal.ask(question ?? '', cancelled)
  }
  const wanted = { ...(question !== null && { confirm }), ...inPlace, ...common(options, context) }
  const result = await shownOperation(session.restartInPlace(wanted), 'restart', options, context)
  if (!options.json && !options.quiet) for (const line of uninspected(result)) terminal.message(line)
  return result
}

function common(options: OperationOptions, context: Context) {
  const bar = progressBar(context.terminal, (options.quiet ?? false) || (options.json ?? false))
  const onProgress = (progress: Progress) => {
    emitJson('progress', progress, options, context)
    bar(progress)
  }
  const { timeout } = options
  return { onProgress, timeouts: timeout === undefined ? {} : { applicationMs: timeout, serviceMs: timeout } }
}

/** The rows are shown also where the operation failed: then most of all. */
async function shownOperation<Result extends ShutdownResult | RestartResult>(
  operation: Promise<Result>,
  phase: Progress['phase'],
  options: OperationOptions,
  context: Context,
): Promise<Result> {
  try {
    const result = await operation
    showResult(result, phase, options, context)
    return result
  } catch (error) {
    if (error instanceof OperationError && error.code !== 'REBOOT_REQUIRED') {
      showResult(error.result as Result, phase, { ...options, quiet: false }, context)
    }
    throw error
  }
}

function showResult(
  result: ShutdownResult | RestartResult,
  phase: Progress['phase'],
  { quiet, json }: OperationOptions,
  { terminal }: Context,
): void {
  if (json) return
  const again = 'restartedAfterFailure' in result ? result.restartedAfterFailure : []
  const rows = quiet ? [] : showResults([...result.applications, ...again], phase, terminal)
  const rest = 'remaining' in result ? showLeftOver(result, terminal) : showHeld(result)
  for (const line of [...rows, ...rest]) terminal.message(line)
}

/**
 * With `--json` the last line is of type `result`, also where the work failed: it says how far that came, which
 * `work` puts into `done`. Answers the exit code that `work` answered.
 */
export async function withResult(
  options: OperationOptions,
  context: Context,
  done: object,
  work: () => Promise<number>,
): Promise<number> {
  try {
    const exitCode = await work()
    emitJson('result', { ...done, exitCode, error: null }, options, context)
    return exitCode
  } catch (error) {
    const { code = null, hint = null } = error instanceof RestartManagerError ? error : {}
    const rows = error instanceof OperationError ? (error.result as object) : {}
    const exitCode = code === null ? exitCodes.failed : exitCodeOf(code)
    const failure = { code, message: (error as Error).message, hint }
    emitJson('result', { ...rows, ...done, exitCode, error: failure }, options, context)
    throw error
  }
}

/** Who cannot be asked has to have said yes already. */
export function requireConsent({ yes, json }: OperationOptions, { terminal }: Context): void {
  if (yes || (terminal.interactive && !json)) return
  throw new RestartManagerError('INVALID_ARGUMENT', 'Nobody can be asked here, and --yes is not given', {
    hint: 'See what would be stopped: restartctl list; then add --yes',
  })
}
