export type {
  Membership,
  RestartOptions,
  Service,
  ServiceManager,
  ServiceOutcome,
  ServiceState,
  StartOptions,
  StopOptions,
} from './service-manager.ts'
export { createSystemd } from './systemd/index.ts'
export { createShutdownDelay, type ShutdownDelay } from './systemd/inhibit.ts'
