import type { ProcessIdentity, RestartFlags, RestartSettings } from '../model/index.ts'
import {
  checkIdentity,
  identifyProcess,
  registerRestart,
  restartSettings,
  unregisterRestart,
} from '../processes/index.ts'

/**
 * Registers the calling application for restart: when an installer has to end it, it is started again with these
 * arguments, in its working directory and environment and as its user. The running executable is put in front; for a script
 * that is its interpreter, so the script's own path is the first argument. The last call wins; without arguments it is
 * started with none. Errors: INVALID_ARGUMENT (more than 1,023 UTF-16 units joined by spaces, a NUL byte), STORE_FAILED.
 */
export async function registerApplicationRestart(commandLine: string[] = [], flags: RestartFlags = {}): Promise<void> {
  registerRestart(identifyProcess(process.pid), commandLine, flags)
}

/** Takes the registration back; nothing happens where there is none. */
export async function unregisterApplicationRestart(): Promise<void> {
  unregisterRestart(identifyProcess(process.pid))
}

/** What a process has registered; null where nothing. Errors: INVALID_ARGUMENT, PROCESS_NOT_FOUND. */
export async function getApplicationRestartSettings(
  process: ProcessIdentity | number,
): Promise<RestartSettings | null> {
  return restartSettings(typeof process === 'object' ? checkIdentity(process) : identifyProcess(process))
}
