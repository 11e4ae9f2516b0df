import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity, RestartSettings } from '../model/index.ts'
import { applicationsFolder, filePrefix, prepareApplicationsFolder } from './application-files.ts'

/** 1,023 UTF-16 units are at most 6,138 bytes in JSON; more is not ours. */
const largestFile = 16_384

function nameOf(application: ProcessIdentity): string {
  return `${filePrefix(application)}.json`
}

/** Replaces what the application registered before. */
export function writeRegistration(directory: string, application: ProcessIdentity, settings: RestartSettings): void {
  const path = join(prepareApplicationsFolder(directory), nameOf(application))
  const draft = `${path}.${process.pid}.new`
  writeFileSync(draft, JSON.stringify(settings), { mode: 0o600, flag: 'wx' })
  renameSync(draft, path)
}

export function removeRegistration(directory: string, application: ProcessIdentity): void {
  rmSync(join(applicationsFolder(directory), nameOf(application)), { force: true })
}

/**
 * What an application registered in this folder; null where nothing. The folder may be another user's, so the file
 * counts only where it is a regular file, no link, that belongs to one of `owners`.
 */
export function readRegistration(
  folder: string,
  application: ProcessIdentity,
  owners: number[],
): RestartSettings | null {
  let descriptor: number
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY
    descriptor = openSync(join(folder, nameOf(application)), flags)
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
