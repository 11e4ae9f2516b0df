import { Option } from 'commander'
import { RestartManagerError } from '../../errors/index.ts'
import { probes, type AffectedList, type Probe } from '../../model/index.ts'
import { listAffected } from '../../session/look.ts'
import type { ListOptions } from '../../session/options.ts'
import { requireSessionKey, type AddCommand, type Context } from '../context.ts'
import { showAffectedList } from '../output/affected-list.ts'
import { toJson } from '../output/json.ts'
import { stale } from './stale.ts'
import { namesResources, noteMissing, resourcesOf, takesResources, type ResourceOptions } from '../resources.ts'

interface Options extends ResourceOptions {
  session?: string
  json?: boolean
  stale?: boolean
  probe?: Probe
}

export const addList: AddCommand = (program, context) => {
  takesResources(program.command('list'))
    .description('Who uses these, and would a reboot be needed')
    .option('--session <KEY>', 'list what the resources of this session are used by')
    .option(
      '--stale',
      'everything on this machine that uses programs, libraries or scripts that were replaced or removed',
    )
    .addOption(
      new Option('--probe <WHEN>', 'whether write leases are used to see what no process shows').choices(probes),
    )
    .option('--json', 'one JSON document')
    .action((files: string[], options: Options) => list(files, options, context))
}

async function list(files: string[], options: Options, context: Context): Promise<void> {
  const { terminal } = context
  if (options.stale) return listStale(files, options, context)
  const affected = namesResources(files, options)
    ? await ofResources(files, options, context)
    : await ofSession(options, context)
  terminal.result(options.json ? toJson(affected, 2) : showAffectedList(affected, 'result', terminal))
}

async function listStale(files: string[], options: Options, context: Context): Promise<void> {
  if (namesResources(files, options) || options.session !== undefined) {
    throw new RestartManagerError('INVALID_ARGUMENT', 'Both --stale and resources named; wanted one of them', {
      hint: 'What has been replaced anywhere: restartctl stale',
    })
  }
  return stale(options, context)
}

function ofResources(files: string[], options: Options, context: Context): Promise<AffectedList> {
  if (options.session !== undefined) {
    throw new RestartManagerError('INVALID_ARGUMENT', 'Both resources and a session named; wanted one of them', {
      hint: 'Add resources to a session: restartctl session register FILE',
    })
  }
  const resources = resourcesOf(files, options)
  noteMissing(files, context)
  return listAffected(resources, probeOf(options))
}

function probeOf({ probe }: { probe?: Probe }): ListOptions {
  return probe ? { probe } : {}
}

/** What the resources of a session are used by. */
export async function ofSession(options: { session?: string; probe?: Probe }, context: Context): Promise<AffectedList> {
  if (options.session === undefined && !context.environment['RESTART_MANAGER_SESSION']) {
    throw new RestartManagerError('INVALID_ARGUMENT', 'No resources to list the users of', {
      hint: 'Name a file, --directory DIR, --process PID, --service NAME or --session KEY: restartctl list /usr/sbin/nginx',
    })
  }
  const { openSession } = await import('../../session/index.ts')
  const session = await openSession(requireSessionKey(options, context))
  return session.list(probeOf(options))
}
