import { RestartManagerError } from '../errors/index.ts'
import { rememberContents } from '../detection/directory-contents.ts'
import { runInSlices } from '../detection/slices.ts'
import { inspectPath } from '../linux/inspect-path.ts'
import { MountTable } from '../linux/mount-table.ts'
import type {
  ProcessIdentity,
  RegisteredDirectory,
  RegisteredFile,
  RegisteredResources,
  Resources,
} from '../model/index.ts'
import { checkIdentity, identifyProcess } from '../processes/index.ts'
import type { ServiceManager } from '../services/service-manager.ts'
import { findService } from '../affected/index.ts'
import { assertPath, assertServiceName } from '../text/index.ts'

const kinds = ['files', 'directories', 'processes', 'services'] as const

/**
 * Checks what an installer wants to register, and identifies it: files by device and inode, directories also by what lies
 * beneath them, processes by start time, services by the name their manager uses. All or nothing. `remember: false` leaves
 * out what lies beneath the directories: it is for later, when it may have changed. Errors: INVALID_ARGUMENT (a malformed
 * path, pid or name, a directory among the files, a service that nobody knows, nothing at all), PROCESS_NOT_FOUND,
 * SERVICE_MANAGER_FAILED.
 */
export async function identifyResources(
  resources: Resources,
  managers: ServiceManager[],
  { remember = true }: { remember?: boolean } = {},
): Promise<RegisteredResources> {
  assertShape(resources)
  const processes = (resources.processes ?? []).map(identify)
  const services = [...new Set(resources.services)].map(assertServiceName)
  const found = await Promise.all(services.map((name) => knownService(managers, name)))
  return {
    files: await runInSlices(registeredFiles(new Set(resources.files), remember)),
    directories: await runInSlices(registeredDirectories(new Set(resources.directories), remember)),
    processes,
    services: found,
  }
}

function identify(process: ProcessIdentity | number): ProcessIdentity {
  return typeof process === 'object' ? checkIdentity(process) : identifyProcess(process)
}

async function knownService(managers: ServiceManager[], name: string): Promise<string> {
  const found = await findService(managers, name)
  if (found) return found.service.name
  throw new RestartManagerError('INVALID_ARGUMENT', `No service is called ${name}`, {
    hint: 'See what there is: systemctl list-units --type service',
  })
}

/** A hundred thousand take half a second: the event loop gets its turn after every 16 at the latest. */
function* registeredFiles(paths: Set<string>, remember: boolean): Generator<void, RegisteredFile[]> {
  const files: RegisteredFile[] = []
  for (const path of paths) {
    files.push(registeredFile(path, remember))
    if (files.length % 16 === 0) yield
  }
  return files
}

/** All paths are checked before what lies beneath the first one is looked at. */
function* registeredDirectories(paths: Set<string>, remember: boolean): Generator<void, RegisteredDirectory[]> {
  const directories: RegisteredDirectory[] = []
  for (const path of paths) {
    directories.push(registeredDirectory(path))
    yield
  }
  const mounts = new MountTable()
  for (const directory of remember ? directories : []) {
    if (directory.identity) directory.contents = yield* rememberContents(directory.path, mounts)
  }
  return directories
}

/** What is only looked at now is not remembered: who looks finds out what the path names. */
function registeredFile(path: string, remember: boolean): RegisteredFile {
  const found = inspect(path, remember)
  if (found?.isDirectory) {
    throw new RestartManagerError('INVALID_ARGUMENT', `A directory among the files: ${path}`, {
      hint: 'Register it among the directories, restartctl: --directory DIR',
    })
  }
  return { path, identity: (remember && found?.identity) || null }
}

function registeredDirectory(path: string): RegisteredFile {
  const found = inspect(path)
  if (found && !found.isDirectory) {
    throw new RestartManagerError('INVALID_ARGUMENT', `A file among the directories: ${path}`, {
      hint: 'Register it among the files',
    })
  }
  return { path, identity: found?.identity ?? null }
}

function assertShape(resources: Resources): void {
  if (typeof resources !== 'object' || (resources as unknown) === null) {
    throw invalid(`The resources are ${JSON.stringify(resources)}; wanted an object with lists: ${kinds.join(', ')}`)
  }
  for (const [kind, list] of Object.entries(resources)) {
    if (!kinds.includes(kind as keyof Resources)) {
      throw invalid(`Unknown kind of resource: ${kind}; known are ${kinds.join(', ')}`)
    }
    if (list !== undefined && !Array.isArray(list)) throw invalid(`The ${kind} are no list`)
  }
  if (kinds.every((kind) => (resources[kind] ?? []).length === 0)) {
    throw invalid(`No resources to register; wanted at least one of ${kinds.join(', ')}`)
  }
}

function invalid(message: string): RestartManagerError {
  return new RestartManagerError('INVALID_ARGUMENT', message)
}

/** Null where there is nothing: a file that an installer is about to bring has no users. */
function inspect(path: string, withHandle = true): ReturnType<typeof inspectPath> {
  assertPath(path)
  try {
    return inspectPath(path, withHandle)
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    const hint = code === 'EACCES' ? { hint: 'Look at it as root' } : {}
    throw new RestartManagerError('INVALID_ARGUMENT', `Cannot look at ${JSON.stringify(path)}: ${code}`, {
      ...hint,
      cause,
    })
  }
}
