import type { RestartFlags } from '../../model/index.ts'
import { identifyProcess, registerRestart, restartSettings, unregisterRestart } from '../../processes/index.ts'
import { parsePid } from '../arguments.ts'
import type { AddCommand } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { toJson } from '../output/json.ts'
import { shown } from '../output/text.ts'

interface Options extends RestartFlags {
  process?: number
  json?: boolean
}

/** For applications in any language: they run this as their child, so the parent process is meant. */
export const addApplication: AddCommand = (program, { terminal, rest, exit }) => {
  const application = program.command('application').description('For applications: be started again after an update')
  const target = (options: Options) => identifyProcess(options.process ?? process.ppid)
  const processOption = ['--process <PID>', 'another process than the parent', parsePid] as const
  application
    .command('register')
    .usage('[options] -- [ARG]...')
    .description('Start the calling application again with these arguments; for a script the first is its own path')
    .option(...processOption)
    .option('--no-patch', 'not after it was ended for an update')
    .option('--no-reboot', 'not after a reboot')
    .option('--no-crash', 'not after it crashed')
    .option('--no-hang', 'not after it hung')
    .action((options: Options & { patch: boolean; reboot: boolean; crash: boolean; hang: boolean }) => {
      const { patch, reboot, crash, hang } = options
      registerRestart(target(options), rest, { noPatch: !patch, noReboot: !reboot, noCrash: !crash, noHang: !hang })
    })
  application
    .command('unregister')
    .description('Take the registration back')
    .option(...processOption)
    .action((options: Options) => unregisterRestart(target(options)))
  application
    .command('show')
    .description('What the calling application, or another process, has registered')
    .option(...processOption)
    .option('--json', 'one JSON document')
    .action((options: Options) => {
      const identity = target(options)
      const settings = restartSettings(identity)
      if (options.json) terminal.result(toJson(settings, 2))
      else if (!settings) terminal.message(`Process ${identity.pid} is not registered for restart`)
      else terminal.result(shown(settings.commandLine.join(' ')))
      if (!settings) exit(exitCodes.failed)
    })
}
