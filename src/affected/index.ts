export { affectedList, type AffectedContext } from './affected-list.ts'
export { findService, type NamedService } from './services.ts'
