import { RestartManagerError } from '../errors/index.ts'
import { readCredentials } from '../linux/process-details.ts'
import { prepareRuntimeDirectory, runtimeDirectory } from '../linux/runtime-directory.ts'
import { inspectPrivate } from '../linux/private-entry.ts'
import { effectiveUser } from '../linux/users.ts'
import { maximumCommandLine, type ProcessIdentity, type RestartFlags, type RestartSettings } from '../model/index.ts'
import { applicationsFoldersOf } from './application-files.ts'
import { readRegistration, removeRegistration, writeRegistration } from './registration-file.ts'

/**
 * Registers an application for restart: of the calling user, or as root of anybody. Errors: INVALID_ARGUMENT (a command
 * line that is no list of texts without NUL, or longer than 1,023 UTF-16 units; another user's application), STORE_FAILED.
 */
export function registerRestart(application: ProcessIdentity, commandLine: string[], flags: RestartFlags): void {
  assertCommandLine(commandLine)
  assertOwn(application)
  const directory = runtimeDirectory()
  prepareRuntimeDirectory(directory)
  const { noCrash = false, noHang = false, noPatch = false, noReboot = false } = flags
  const settings = { commandLine, flags: { noCrash, noHang, noPatch, noReboot } }
  reporting('register for restart', () => writeRegistration(directory, application, settings))
}

/** Nothing happens where it is not registered. Errors: STORE_FAILED. */
export function unregisterRestart(application: ProcessIdentity): void {
  const directory = runtimeDirectory()
  if (inspectPrivate(directory, 'directory').kind === 'missing') return
  prepareRuntimeDirectory(directory)
  reporting('take the registration back', () => removeRegistration(directory, application))
}

function assertOwn({ pid }: ProcessIdentity): void {
  const owner = readCredentials(pid)?.uid
  const caller = effectiveUser()
  if (caller === 0 || owner === undefined || owner === caller) return
  throw new RestartManagerError(
    'INVALID_ARGUMENT',
    `Process ${pid} belongs to user ${owner}, the caller is user ${caller}`,
    {
      hint: 'Register it as its user, or as root',
    },
  )
}

function reporting(action: string, work: () => void): void {
  try {
    work()
  } catch (cause) {
    throw new RestartManagerError('STORE_FAILED', `Cannot ${action}: ${(cause as Error).message}`, { cause })
  }
}

/**
 * What an application registered, whoever it runs as. Looked for where the application itself would have written it: the
 * runtime directory that its environment names, the default of its user, and the caller's own (somebody may register it for
 * it). Only what the application's user or the caller wrote counts.
 */
export function restartSettings(application: ProcessIdentity): RestartSettings | null {
  const owner = readCredentials(application.pid)?.uid
  if (owner === undefined) return null
  for (const folder of applicationsFoldersOf(application, owner)) {
    const settings = readRegistration(folder, application, [owner, effectiveUser()])
    if (settings) return settings
  }
  return null
}

function assertCommandLine(commandLine: unknown): asserts commandLine is string[] {
  if (!Array.isArray(commandLine) || !commandLine.every((part) => typeof part === 'string' && !part.includes('\0'))) {
    throw new RestartManagerError('INVALID_ARGUMENT', 'The command line is no list of arguments without NUL bytes')
  }
  const { length } = commandLine.join(' ')
  if (length <= maximumCommandLine) return
  throw new RestartManagerError(
    'INVALID_ARGUMENT',
    `The command line has ${length} UTF-16 units, at most ${maximumCommandLine} are allowed`,
    { hint: 'Save the state in a file and register the path of that file' },
  )
}
