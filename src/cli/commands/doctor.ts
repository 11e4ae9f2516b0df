import { checks, type Check } from '../checks.ts'
import type { AddCommand } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { toJson } from '../output/json.ts'
import { table } from '../output/table.ts'
import { shown } from '../output/text.ts'

const colours = { ok: 'green', missing: 'yellow', failed: 'red' } as const

export const addDoctor: AddCommand = (program, { terminal, exit }) => {
  program
    .command('doctor')
    .description('What this machine offers, what is missing, and what that costs')
    .option('--json', 'one JSON document')
    .action(async (options: { json?: boolean }) => {
      const found = await checks()
      const rows = found.map(({ name, state, found, cost }: Check) => {
        const what = cost === null ? shown(found) : `${shown(found)}\n${cost}`
        return [terminal.style('result', colours[state], state), name, what]
      })
      terminal.result(options.json ? toJson({ checks: found }, 2) : table(['STATE', 'WHAT', 'FOUND'], rows))
      if (found.some(({ state }) => state === 'failed')) exit(exitCodes.failed)
    })
}
