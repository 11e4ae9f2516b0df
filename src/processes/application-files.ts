import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { NamedFiles } from '../linux/named-files.ts'
import { readEnvironment } from '../linux/process-details.ts'
import { isRunning } from '../linux/process-stat.ts'
import { defaultRuntimeDirectory, runtimeDirectory, runtimeDirectoryOf } from '../linux/runtime-directory.ts'
import { effectiveUser } from '../linux/users.ts'
import type { ProcessIdentity } from '../model/index.ts'

// What applications leave in the runtime directory of the user they run as, in its folder `applications`:
// `PID-STARTTIME.json`, what they registered, and `PID-STARTTIME-NUMBER.socket`, where they can be asked.

/** Where applications leave their files in a runtime directory. */
export function applicationsFolder(directory: string): string {
  return join(directory, 'applications')
}

/** What the names of an application's files begin with. */
export function filePrefix({ pid, startTime }: ProcessIdentity): string {
  return `${pid}-${startTime}`
}

/** Makes the folder where it is missing, and removes what applications that have ended left there. */
export function prepareApplicationsFolder(directory: string): string {
  const folder = applicationsFolder(directory)
  mkdirSync(folder, { mode: 0o700, recursive: true })
  for (const name of readdirSync(folder)) {
    const [, pid, startTime] = /^(\d+)-(\d+)[-.]/.exec(name) ?? []
    if (pid === undefined || startTime === undefined) continue
    if (!isRunning({ pid: Number(pid), startTime: BigInt(startTime) })) rmSync(join(folder, name), { force: true })
  }
  return folder
}

/**
 * The folders where an application of this user may have left something: in the runtime directory that its environment
 * names, in the default one of its user, and in the caller's own.
 */
export function applicationsFoldersOf(application: ProcessIdentity, owner: number): string[] {
  const environment = readEnvironment(application.pid) ?? {}
  const directories = [runtimeDirectoryOf(environment, owner), defaultRuntimeDirectory(owner), runtimeDirectory()]
  const folders = [...new Set(directories)].map(applicationsFolder)
  return owner === effectiveUser() ? folders : harmless(folders, owner)
}

/** What another user's process names may lead to where a program of that user answers when it likes, or never (FUSE). */
function harmless(folders: string[], owner: number): string[] {
  const files = new NamedFiles(owner)
  files.open(process.pid)
  try {
    return folders.filter((folder) => isDirectory(files, folder))
  } finally {
    files.close()
  }
}

function isDirectory(files: NamedFiles, path: string): boolean {
  try {
    return files.find(Buffer.from(path).toString('latin1'))?.type === 'directory'
  } catch {
    // Not one that may be looked at.
    return false
  }
}
