// The primary installer of Microsoft's "Using Restart Manager with a Secondary Installer", step for step.
// Usage: primary-installer.ts FILE FILE SECONDARY_FILE; each FILE.new is the new version of FILE. The third file is left to the
// secondary installer.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync } from 'node:fs'
import {
  ERROR_MORE_DATA,
  ERROR_SUCCESS,
  RM_REBOOT_REASON,
  RmEndSession,
  RmGetList,
  RmRegisterResources,
  RmRestart,
  RmShutdown,
  RmStartSession,
  type RmList,
  type RmSessionHandle,
} from 'restart-manager/rstrtmgr'

const [, , first = '', second = '', other = ''] = process.argv

// Start a session. The key is made by it, for the secondary installer.
const started = await RmStartSession(0)
if (started.error !== ERROR_SUCCESS) fail('RmStartSession', started.error)
const { sessionHandle, sessionKey } = started

try {
  // Register the files that this installer replaces.
  check('RmRegisterResources', await RmRegisterResources(sessionHandle, [first, second], null, null))

  // The secondary installer joins, registers its own, and ends. That it has is for the two of them to tell each other.
  await runSecondary(sessionKey)

  // Get the list of affected applications; between two calls it may grow.
  const { affectedApps, rebootReasons } = await affected(sessionHandle)
  for (const { strAppName, Process } of affectedApps)
    console.log(`Affected: ${strAppName} (process ${Process.dwProcessId})`)

  // Where only a reboot would do, there is nothing to shut down.
  if (rebootReasons !== RM_REBOOT_REASON.RmRebootReasonNone) {
    throw new Error(`A reboot is required: reasons ${rebootReasons}`)
  }

  try {
    check('RmShutdown', await RmShutdown(sessionHandle, 0, (percent) => console.log(`Stopping: ${percent} %`)))

    // Nobody uses the files now.
    for (const file of [first, second, other]) renameSync(`${file}.new`, file)
  } finally {
    // Also where RmShutdown has failed: some applications may have been stopped. That it has is not lost by what is said here.
    const error = await RmRestart(sessionHandle, 0, (percent) => console.log(`Starting: ${percent} %`))
    if (error !== ERROR_SUCCESS) {
      console.error(`RmRestart failed: error ${error}`)
      process.exitCode = 1
    }
  }
} finally {
  await RmEndSession(sessionHandle)
}

async function affected(handle: RmSessionHandle): Promise<RmList> {
  let capacity = 0
  for (let attempt = 0; attempt < 3; attempt++) {
    const list = await RmGetList(handle, capacity)
    if (list.error === ERROR_SUCCESS) return list
    if (list.error !== ERROR_MORE_DATA) fail('RmGetList', list.error)
    capacity = list.procInfoNeeded
  }
  return fail('RmGetList', ERROR_MORE_DATA)
}

/** The key is in its environment, never on a command line, which everybody can read. */
async function runSecondary(key: string): Promise<void> {
  const program = new URL('secondary-installer.ts', import.meta.url).pathname
  const secondary = spawn(process.execPath, [...process.execArgv, program, other], {
    stdio: 'inherit',
    env: { ...process.env, RESTART_MANAGER_SESSION: key },
  })
  const [code] = (await once(secondary, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`The secondary installer failed: ${String(code)}`)
}

function check(name: string, error: number): void {
  if (error !== ERROR_SUCCESS) fail(name, error)
}

function fail(name: string, error: number): never {
  throw new Error(`${name} failed: error ${error}`)
}
