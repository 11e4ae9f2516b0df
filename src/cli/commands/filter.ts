import { Argument, type Command } from 'commander'
import { RestartManagerError } from '../../errors/index.ts'
import { filterActions, type FilterAction, type FilterTarget } from '../../model/index.ts'
import { describeTarget, identifyProcess, openSession } from '../../session/index.ts'
import { parsePid } from '../arguments.ts'
import { requireSessionKey, type AddCommand } from '../context.ts'
import { toJson } from '../output/json.ts'
import { shown } from '../output/text.ts'

interface Options {
  session?: string
  executable?: string
  process?: number
  service?: string
  json?: boolean
}

export const addFilter: AddCommand = (program, context) => {
  const filter = program.command('filter').description('What the session must leave alone')
  const open = (options: Options) => openSession(requireSessionKey(options, context))
  withTarget(filter.command('add'))
    .description('Leave a program, process or service alone, or do not start it again')
    .addArgument(new Argument('<ACTION>', 'what to leave out').choices(filterActions))
    .action(async (action: FilterAction, options: Options) => {
      await (await open(options)).filters.add(await targetOf(options), action)
    })
  withTarget(filter.command('remove'))
    .description('Take a filter back')
    .action(async (options: Options) => {
      await (await open(options)).filters.remove(await targetOf(options))
    })
  filter
    .command('list')
    .description('The filters of the session')
    .option('--session <KEY>', 'the session')
    .option('--json', 'one JSON document')
    .action(async (options: Options) => {
      const filters = await (await open(options)).filters.list()
      const lines = filters.map(({ action, target }) => `${action}  ${shown(describeTarget(target))}`)
      context.terminal.result(options.json ? toJson(filters, 2) : lines.join('\n') || 'No filters')
    })
}

function withTarget(command: Command): Command {
  return command
    .option('--session <KEY>', 'the session')
    .option('--executable <FILE>', 'whoever runs this program, by its full path')
    .option('--process <PID>', 'this process', parsePid)
    .option('--service <NAME>', 'this service')
}

async function targetOf({ executable, process, service }: Options): Promise<FilterTarget> {
  const targets: FilterTarget[] = []
  if (executable !== undefined) targets.push({ executable })
  if (process !== undefined) targets.push({ process: await identifyProcess(process) })
  if (service !== undefined) targets.push({ service })
  const [target] = targets
  if (target && targets.length === 1) return target
  throw new RestartManagerError('INVALID_ARGUMENT', 'A filter names exactly one of --executable, --process, --service')
}
