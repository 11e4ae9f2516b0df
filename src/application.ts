// For applications: register for restart, and answer a request to end.
export {
  getApplicationRestartSettings,
  onEndSession,
  onQueryEndSession,
  registerApplicationRestart,
  unregisterApplicationRestart,
} from './application/index.ts'
export { RestartManagerError, type ErrorCode } from './errors/index.ts'
export type { EndRequest, EndSession, ProcessIdentity, RestartFlags, RestartSettings } from './model/index.ts'
