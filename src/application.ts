// For applications: register for restart.
export {
  getApplicationRestartSettings,
  registerApplicationRestart,
  unregisterApplicationRestart,
} from './application/index.ts'
export { RestartManagerError, type ErrorCode } from './errors/index.ts'
export type { ProcessIdentity, RestartFlags, RestartSettings } from './model/index.ts'
