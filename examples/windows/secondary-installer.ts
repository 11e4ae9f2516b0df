// The secondary installer of Microsoft's "Using Restart Manager with a Secondary Installer", step for step.
// Usage: secondary-installer.ts FILE; the key of the session is in RESTART_MANAGER_SESSION.
import { ERROR_SUCCESS, RmEndSession, RmJoinSession, RmRegisterResources } from 'restart-manager/rstrtmgr'

const [, , file = ''] = process.argv

// Join the session of the primary installer.
const joined = await RmJoinSession(process.env['RESTART_MANAGER_SESSION'] ?? '')
if (joined.error !== ERROR_SUCCESS) throw new Error(`RmJoinSession failed: error ${joined.error}`)
const { sessionHandle } = joined

try {
  // Register the file that this installer replaces.
  const error = await RmRegisterResources(sessionHandle, [file], null, null)
  if (error !== ERROR_SUCCESS) throw new Error(`RmRegisterResources failed: error ${error}`)
} finally {
  // Leave. The session goes on until its primary ends it.
  await RmEndSession(sessionHandle)
}
