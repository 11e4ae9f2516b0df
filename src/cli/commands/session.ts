import type { Command } from 'commander'
import type { RestartResult, ShutdownResult } from '../../model/index.ts'
import { checkResources, joinSession, openSession, startSession } from '../../session/index.ts'
import { parseCount, parsePid, parseSeconds } from '../arguments.ts'
import { onInterrupt, requireSessionKey, type AddCommand, type Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import {
  requireConsent,
  restart,
  shutdown,
  takesOperationOptions,
  takesShutdownOptions,
  withResult,
  type OperationOptions,
} from '../operations.ts'
import { showAffectedList } from '../output/affected-list.ts'
import { toJson } from '../output/json.ts'
import { showSessions } from '../output/sessions.ts'
import { shown } from '../output/text.ts'
import { resourcesOf, takesResources, type ResourceOptions } from '../resources.ts'

interface Options {
  session?: string
  json?: boolean
}

export const addSession: AddCommand = (program, context) => {
  const session = program
    .command('session')
    .description('A session step by step; RESTART_MANAGER_SESSION or --session names it')
  addStart(session, context)
  addRegister(session, context)
  addWait(session, context)
  addLooking(session, context)
  addShutdown(session, context)
  addRestart(session, context)
  withKey(session.command('cancel'))
    .description('Cancel the shutdown or restart that is running')
    .action(async (options: Options) => (await open(options, context)).cancel())
  withKey(session.command('end'))
    .description('End the session for all')
    .action(async (options: Options) => {
      const primary = await open(options, context)
      const { stopped } = await primary.summary()
      await primary.end()
      if (stopped.length > 0) context.terminal.message(`Left down: ${stopped.map(shown).join(', ')}`)
    })
}

function withKey(command: Command): Command {
  return command.option('--session <KEY>', 'the session')
}

function open(options: Options, context: Context) {
  return openSession(requireSessionKey(options, context))
}

function addStart(session: Command, { terminal }: Context): void {
  session
    .command('start')
    .description('Start a session and print its key; it lives while its owner does')
    .option('--owner <PID>', 'the owner (default: the parent process)', parsePid)
    .option('--json', 'one JSON document')
    .action(async ({ owner = process.ppid, json }: { owner?: number; json?: boolean }) => {
      const { key } = await startSession({ owner })
      terminal.result(json ? toJson({ key }, 2) : key)
    })
}

function addRegister(session: Command, context: Context): void {
  withKey(takesResources(session.command('register')))
    .description('Join, register, leave: a secondary installer in one line')
    .action(async (files: string[], options: Options & ResourceOptions) => {
      const resources = resourcesOf(files, options)
      // Whoever joins counts as a participant: not somebody with nothing to register.
      await checkResources(resources)
      await using joined = await joinSession(requireSessionKey(options, context))
      await joined.register(resources)
    })
}

function addWait(session: Command, context: Context): void {
  withKey(session.command('wait'))
    .description('Wait until the secondaries have registered')
    .option('--at-least <N>', 'wait for so many secondaries to join', parseCount)
    .option('--timeout <SECONDS>', 'give up after this time', parseSeconds)
    .action(async (options: Options & { atLeast?: number; timeout?: number }) => {
      const { signal, stop } = onInterrupt()
      try {
        const { atLeast = 0, timeout } = options
        const limit = timeout === undefined ? {} : { timeoutMs: timeout }
        await (await open(options, context)).waitForParticipants({ atLeast, signal, ...limit })
      } finally {
        stop()
      }
    })
}

function addLooking(session: Command, context: Context): void {
  const { terminal } = context
  withKey(session.command('list'))
    .description('What the resources of the session are used by')
    .option('--json', 'one JSON document')
    .action(async (options: Options) => {
      const list = await (await open(options, context)).list()
      terminal.result(options.json ? toJson(list, 2) : showAffectedList(list, 'result', terminal))
    })
  withKey(session.command('status'))
    .description('The state of the session')
    .option('--json', 'one JSON document')
    .action(async (options: Options) => {
      const summary = await (await open(options, context)).summary()
      terminal.result(options.json ? toJson(summary, 2) : showSessions([summary], terminal))
    })
}

function addShutdown(session: Command, context: Context): void {
  withKey(takesShutdownOptions(session.command('shutdown')))
    .description('Stop what is affected; asks on a terminal, elsewhere it needs --yes')
    .action(async (options: Options & OperationOptions) => {
      const { signal, stop } = onInterrupt()
      const done: Partial<ShutdownResult> = {}
      try {
        await withResult(options, context, done, async () => {
          requireConsent(options, context)
          const primary = await open(options, context)
          Object.assign(done, await shutdown(primary, 'Stop them?', options, context, signal))
          return exitCodes.done
        })
      } finally {
        stop()
      }
    })
}

function addRestart(session: Command, context: Context): void {
  withKey(takesOperationOptions(session.command('restart')))
    .description('Start again what was stopped')
    .action(async (options: Options & OperationOptions) => {
      const done: Partial<RestartResult> = {}
      await withResult(options, context, done, async () => {
        Object.assign(done, await restart(await open(options, context), options, context))
        return exitCodes.done
      })
    })
}
