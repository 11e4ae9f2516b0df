import type { RestartResult } from '../../model/index.ts'
import { recover } from '../../session/index.ts'
import { onInterrupt, type AddCommand } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { restart, takesOperationOptions, withResult, type OperationOptions } from '../operations.ts'

export const addRecover: AddCommand = (program, context) => {
  takesOperationOptions(program.command('recover'))
    .description('Start again what a dead primary left stopped')
    .action(async (options: OperationOptions) => {
      const { signal, stop } = onInterrupt()
      const done: Partial<RestartResult> = {}
      try {
        await withResult(options, context, done, async () => {
          const abandoned = { restart: (wanted = {}) => recover({ ...wanted, signal }) }
          Object.assign(done, await restart(abandoned, options, context))
          return exitCodes.done
        })
      } finally {
        stop()
      }
      if (done.applications?.length === 0 && !options.quiet && !options.json) {
        context.terminal.message('Nothing to recover')
      }
    })
}
