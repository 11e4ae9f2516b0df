import { existsSync } from 'node:fs'
import { RestartManagerError, type ErrorCode } from '../errors/index.ts'
import { inspectPath } from '../linux/inspect-path.ts'
import { sameProcess, type ProcessIdentity, type Resources } from '../model/index.ts'
import { checkResources, identifyProcess, type Session } from '../session/index.ts'
import { assertPath } from '../text/index.ts'
import { answerOf, badArgument, type Answer } from './error-numbers.ts'
import { toProcessIdentity } from './file-time.ts'
import { openSessionOf, type RmSessionHandle, type Untested } from './handles.ts'
import type { RM_UNIQUE_PROCESS } from './structures.ts'

/**
 * Adds resources to the session, all or none of them; a kind of which there are none may be null. As on Windows, files and
 * services that do not exist and processes that have ended are taken and have no users. Unlike there a directory among the
 * files stands for all beneath it. Failures: 160 (no list, a path that is not absolute, a malformed name or process), 5 (a
 * path that may not be looked at), 6, 121, 29, 14.
 */
export async function RmRegisterResources<Handle extends RmSessionHandle>(
  dwSessionHandle: Untested<Handle>,
  rgsFileNames: readonly string[] | null,
  rgApplications: readonly RM_UNIQUE_PROCESS[] | null,
  rgsServiceNames: readonly string[] | null,
): Promise<Answer> {
  return answerOf(async () => {
    const { session } = openSessionOf(dwSessionHandle as Handle)
    const resources = {
      files: listOf<string>(rgsFileNames),
      directories: [],
      processes: listOf<RM_UNIQUE_PROCESS>(rgApplications).map(toProcessIdentity),
      services: listOf<string>(rgsServiceNames),
    }
    await register(session, resources)
  })
}

function listOf<Item>(given: unknown): Item[] {
  if (given === null || given === undefined) return []
  if (Array.isArray(given)) return given as Item[]
  throw badArgument(`Not a list: a ${typeof given}`)
}

/** What Windows takes and a session does not is sorted out only where the session has refused, which is rare. */
async function register(session: Session, resources: Required<Resources>): Promise<void> {
  if (isEmpty(resources)) return
  try {
    await session.register(resources)
  } catch (error) {
    if (!isCode(error, 'INVALID_ARGUMENT', 'PROCESS_NOT_FOUND', 'SERVICE_MANAGER_FAILED')) throw error
    const acceptable = await acceptableOf(resources)
    if (sizesOf(acceptable) === sizesOf(resources)) throw error
    await register(session, acceptable)
  }
}

async function acceptableOf(resources: Required<Resources>): Promise<Required<Resources>> {
  const { files, processes, services } = resources
  const isDirectory = new Set(files.filter(namesDirectory))
  const running = await Promise.all((processes as ProcessIdentity[]).map(isRunning))
  const known = await Promise.all(services.map(isKnown))
  return {
    files: files.filter((path) => !isDirectory.has(path)),
    directories: [...resources.directories, ...isDirectory],
    processes: processes.filter((_, index) => running[index]),
    services: services.filter((_, index) => known[index]),
  }
}

/** What cannot be looked at is left to the session, which says why. */
function namesDirectory(path: string): boolean {
  assertPath(path)
  try {
    return inspectPath(path, false)?.isDirectory ?? false
  } catch {
    return false
  }
}

async function isRunning(process: ProcessIdentity): Promise<boolean> {
  try {
    return sameProcess(await identifyProcess(process.pid), process)
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

async function isKnown(service: unknown): Promise<boolean> {
  if (typeof service !== 'string' || service === '') throw badArgument(`Not the name of a service: ${String(service)}`)
  try {
    await checkResources({ services: [service] })
    return true
  } catch (error) {
    if (isRefusal(error) || (isCode(error, 'SERVICE_MANAGER_FAILED') && !bootedWithSystemd())) return false
    throw error
  }
}

/** Elsewhere, as in most containers, there is nobody who could know a service (sd_booted(3)). */
function bootedWithSystemd(): boolean {
  return existsSync('/run/systemd/system')
}

function isRefusal(error: unknown): boolean {
  return isCode(error, 'INVALID_ARGUMENT', 'PROCESS_NOT_FOUND')
}

function isCode(error: unknown, ...codes: ErrorCode[]): boolean {
  return error instanceof RestartManagerError && codes.includes(error.code)
}

function isEmpty(resources: Required<Resources>): boolean {
  return Object.values(resources).every(({ length }) => length === 0)
}

function sizesOf({ files, directories, processes, services }: Required<Resources>): string {
  return [files, directories, processes, services].map(({ length }) => length).join()
}
