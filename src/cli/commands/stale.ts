import { listStale } from '../../session/look.ts'
import type { AddCommand, Context } from '../context.ts'
import { toJson } from '../output/json.ts'
import { showStaleList } from '../output/stale-list.ts'

export const addStale: AddCommand = (program, context) => {
  program
    .command('stale')
    .description('Who uses programs, libraries or scripts that have been replaced or removed (list --stale)')
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) => stale(options, context))
}

/** Everything on this machine that should be started again after an update. */
export async function stale(options: { json?: boolean }, { terminal }: Context): Promise<void> {
  const list = await listStale()
  terminal.result(options.json ? toJson(list, 2) : showStaleList(list, terminal))
}
