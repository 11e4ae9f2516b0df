import {
  getApplicationRestartSettings,
  registerApplicationRestart,
  unregisterApplicationRestart,
} from '../application/index.ts'
import { errorCodes } from '../errors/index.ts'
import { maximumCommandLine, type RestartFlags } from '../model/index.ts'
import { joinCommandLine, splitCommandLine } from './command-line.ts'
import { RESTART_NO_CRASH, RESTART_NO_HANG, RESTART_NO_PATCH, RESTART_NO_REBOOT } from './constants.ts'
import { badArgument, ERROR_BAD_ARGUMENTS, failureOf } from './error-numbers.ts'
import { assertFlags } from './flags.ts'
import { toProcessIdentity } from './file-time.ts'
import type { RM_UNIQUE_PROCESS } from './structures.ts'

// winerror.h, as numbers without sign.
export const S_OK = 0
export const E_FAIL = 0x8000_4005
export const E_INVALIDARG = 0x8007_0057
/** HRESULT_FROM_WIN32(ERROR_NOT_FOUND): the process has not registered. */
export const HRESULT_NOT_FOUND = 0x8007_0490

export type RegistrationFailure = typeof E_FAIL | typeof E_INVALIDARG

export type GetApplicationRestartSettingsResult =
  | { result: typeof S_OK; commandLine: string; flags: number }
  | { result: RegistrationFailure | typeof HRESULT_NOT_FOUND }

const bits: Record<keyof RestartFlags, number> = {
  noCrash: RESTART_NO_CRASH,
  noHang: RESTART_NO_HANG,
  noPatch: RESTART_NO_PATCH,
  noReboot: RESTART_NO_REBOOT,
}
const names = Object.keys(bits) as (keyof RestartFlags)[]
const allBits = names.reduce((mask, name) => mask | bits[name], 0)

/**
 * Registers the calling application for restart, with these arguments behind its executable; null and an empty text: with
 * none. `dwFlags`: bits of RESTART_NO_CRASH and the others. E_INVALIDARG for more than 1,023 UTF-16 units and for unknown
 * flags; then what had been registered before stays.
 */
export async function RegisterApplicationRestart(
  pwzCommandline: string | null,
  dwFlags: number,
): Promise<typeof S_OK | RegistrationFailure> {
  return resultOf(async () => {
    if (pwzCommandline !== null && typeof pwzCommandline !== 'string') throw badArgument('The command line is no text')
    const commandLine = pwzCommandline ?? ''
    if (commandLine.length > maximumCommandLine) throw badArgument(`The command line has ${commandLine.length} units`)
    assertFlags(dwFlags, allBits)
    const flags = Object.fromEntries(names.map((name) => [name, (dwFlags & bits[name]) !== 0]))
    await registerApplicationRestart(splitCommandLine(commandLine), flags)
  })
}

/** Takes the registration back; S_OK also where there is none. */
export async function UnregisterApplicationRestart(): Promise<typeof S_OK | RegistrationFailure> {
  return resultOf(unregisterApplicationRestart)
}

/**
 * What a process has registered, this one where it is null (as with GetCurrentProcess). The arguments are put together anew:
 * the same arguments, not always the same quotation marks. HRESULT_NOT_FOUND where it has not registered, E_INVALIDARG where
 * it has ended.
 */
export async function GetApplicationRestartSettings(
  hProcess: RM_UNIQUE_PROCESS | null,
): Promise<GetApplicationRestartSettingsResult> {
  try {
    const settings = await getApplicationRestartSettings(hProcess === null ? process.pid : toProcessIdentity(hProcess))
    if (settings === null) return { result: HRESULT_NOT_FOUND }
    const flags = names.filter((name) => settings.flags[name]).reduce((mask, name) => mask | bits[name], 0)
    return { result: S_OK, commandLine: joinCommandLine(settings.commandLine), flags }
  } catch (error) {
    return { result: registrationFailureOf(error) }
  }
}

async function resultOf(work: () => Promise<void>): Promise<typeof S_OK | RegistrationFailure> {
  try {
    await work()
    return S_OK
  } catch (error) {
    return registrationFailureOf(error)
  }
}

function registrationFailureOf(error: unknown): RegistrationFailure {
  const number = failureOf(error)
  return number === ERROR_BAD_ARGUMENTS || number === errorCodes.PROCESS_NOT_FOUND.win32 ? E_INVALIDARG : E_FAIL
}
