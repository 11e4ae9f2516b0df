export {
  getApplicationRestartSettings,
  registerApplicationRestart,
  unregisterApplicationRestart,
} from './registration.ts'
