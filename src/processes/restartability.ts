import {
  readProcessStatus,
  readEnvironment,
  readExecutable,
  readLink,
  sharesNamespaces,
} from '../linux/process-details.ts'
import { readContext } from '../linux/process-context.ts'
import { isRunning } from '../linux/process-stat.ts'
import type { ProcessIdentity } from '../model/index.ts'
import { rightsObstacle } from './bounds.ts'
import { commandLineOf } from './command-line.ts'
import { whatIsLost } from './lost.ts'
import { restartSettings } from './registration.ts'
import type { Restartability, RestartPolicy } from './process-manager.ts'
import { standardFile } from './standard-files.ts'

/**
 * Whether a program can be started again and with what. It has to have registered, or the policy has to allow it, and
 * everything about it must be readable. What it registered counts, that it does not want to be started again included.
 */
export function restartability(application: ProcessIdentity, { allowed }: RestartPolicy): Restartability {
  const settings = restartSettings(application)
  if (!settings && !allowed) return { reason: 'it did not register for restart' }
  if (settings?.flags.noPatch === true) return { reason: 'it registered not to be restarted after an update (noPatch)' }
  const { pid } = application
  if (!sharesNamespaces(pid)) return { reason: 'it lives in another namespace or root directory (a container)' }
  const status = readProcessStatus(pid)
  if (status?.hasBorrowedRights) return { reason: 'it runs with other rights than those of the user who started it' }
  const file = readExecutable(pid)
  const workingDirectory = readLink(pid, 'cwd')
  const environment = readEnvironment(pid)
  if (file === null || workingDirectory === null || environment === null || status === null) {
    return { reason: 'its program, working directory or environment may not be read' }
  }
  const { credentials } = status
  const started = commandLineOf({ pid, uid: credentials.uid, executable: file, workingDirectory, environment })
  const commandLine = settings?.commandLine ?? started.arguments
  if (commandLine === null) return { reason: 'it cannot be seen how it was started' }
  const standardFiles = ([0, 1, 2] as const).map((descriptor) => standardFile(pid, descriptor))
  const context = readContext(pid)
  if (context === null) return { reason: 'its limits and control group may not be read' }
  const obstacle = rightsObstacle(credentials, context.bounds)
  if (obstacle !== null) return { reason: obstacle }
  const lost = whatIsLost(pid, standardFiles)
  // All of it was read by pid: it is this application's only if the application still has that pid.
  if (!isRunning(application)) return { reason: 'it has ended' }
  const executable = started.program
  return {
    record: { executable, commandLine, workingDirectory, environment, ...credentials, standardFiles, context, lost },
  }
}
