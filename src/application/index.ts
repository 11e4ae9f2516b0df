export { onEndSession, onQueryEndSession } from './end-session.ts'
export {
  getApplicationRestartSettings,
  registerApplicationRestart,
  unregisterApplicationRestart,
} from './registration.ts'
