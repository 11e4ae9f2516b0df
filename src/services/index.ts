export type { Membership, Service, ServiceManager, ServiceOutcome, ServiceState } from './service-manager.ts'
export { createSystemd } from './systemd/index.ts'
