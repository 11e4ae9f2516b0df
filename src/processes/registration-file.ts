import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity, RestartSettings } from '../model/index.ts'
import { isRunning } from '../linux/process-stat.ts'

// One file an application, `applications/PID-STARTTIME.json` in the runtime directory of the user it runs as.

const folder = 'applications'
/** 1,023 UTF-16 units are at most 6,138 bytes in JSON; more is not ours. */
const largestFile = 16_384

function nameOf(application: ProcessIdentity): string {
  return `${application.pid}-${application.startTime}.json`
}

/** Replaces what the application registered before. */
export function writeRegistration(directory: string, application: ProcessIdentity, settings: RestartSettings): void {
  const applications = join(directory, folder)
  mkdirSync(applications, { mode: 0o700, recursive: true })
  removeLeftOvers(applications)
  const path = join(applications, nameOf(application))
  const draft = `${path}.${process.pid}.new`
  writeFileSync(draft, JSON.stringify(settings), { mode: 0o600, flag: 'wx' })
  renameSync(draft, path)
}

export function removeRegistration(directory: string, application: ProcessIdentity): void {
  rmSync(join(directory, folder, nameOf(application)), { force: true })
}

/**
 * What an application registered in this directory; null where nothing. The directory may be another user's, so the file
 * counts only where it is a regular file, no link, that belongs to one of `owners`.
 */
export function readRegistration(
  directory: string,
  application: ProcessIdentity,
  owners: number[],
): RestartSettings | null {
  let descriptor: number
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY
    descriptor = openSync(join(directory, folder, nameOf(application)), flags)
  } catch {
    return null
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile() || !owners.includes(stat.uid) || stat.size > largestFile) return null
    return parseSettings(readFileSync(descriptor, 'utf8'))
  } finally {
    closeSync(descriptor)
  }
}

/** Null for anything that this library did not write. */
export function parseSettings(text: string): RestartSettings | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { commandLine, flags } = value as Partial<Record<keyof RestartSettings, unknown>>
  if (!Array.isArray(commandLine) || !commandLine.every((argument) => typeof argument === 'string')) return null
  const set = (typeof flags === 'object' && flags !== null ? flags : {}) as Record<string, unknown>
  return {
    commandLine,
    flags: {
      noCrash: set['noCrash'] === true,
      noHang: set['noHang'] === true,
      noPatch: set['noPatch'] === true,
      noReboot: set['noReboot'] === true,
    },
  }
}

/** Applications that have ended without unregistering leave their file behind. */
function removeLeftOvers(applications: string): void {
  for (const name of readdirSync(applications)) {
    const [, pid, startTime] = /^(\d+)-(\d+)\.json/.exec(name) ?? []
    if (pid === undefined || startTime === undefined) continue
    if (!isRunning({ pid: Number(pid), startTime: BigInt(startTime) }))
      rmSync(join(applications, name), { force: true })
  }
}
