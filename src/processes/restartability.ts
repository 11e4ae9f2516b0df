import {
  readProcessStatus,
  readEnvironment,
  readExecutable,
  readLink,
  sharesNamespaces,
} from '../linux/process-details.ts'
import { isRunning } from '../linux/process-stat.ts'
import type { ProcessIdentity } from '../model/index.ts'
import { restartSettings } from './registration.ts'
import type { Restartability } from './process-manager.ts'
import { standardFile } from './standard-files.ts'

/** Whether a program can be started again and with what: it has to have registered, and everything about it must be readable. */
export function restartability(application: ProcessIdentity): Restartability {
  const settings = restartSettings(application)
  if (!settings) return { reason: 'it did not register for restart' }
  if (settings.flags.noPatch) return { reason: 'it registered not to be restarted after an update (noPatch)' }
  const { pid } = application
  if (!sharesNamespaces(pid)) return { reason: 'it lives in another namespace or root directory (a container)' }
  const status = readProcessStatus(pid)
  if (status?.hasBorrowedRights) return { reason: 'it runs with other rights than those of the user who started it' }
  const executable = readExecutable(pid)
  const workingDirectory = readLink(pid, 'cwd')
  const environment = readEnvironment(pid)
  if (executable === null || workingDirectory === null || environment === null || status === null) {
    return { reason: 'its program, working directory or environment may not be read' }
  }
  const standardFiles = ([0, 1, 2] as const).map((descriptor) => standardFile(pid, descriptor))
  // All of it was read by pid: it is this application's only if the application still has that pid.
  if (!isRunning(application)) return { reason: 'it has ended' }
  const { commandLine } = settings
  return { record: { executable, commandLine, workingDirectory, environment, ...status.credentials, standardFiles } }
}
