export { affectedList, type AffectedContext } from './affected-list.ts'
export { explainCritical, remedies, whyAffected } from './explain.ts'
export { findService, type NamedService } from './services.ts'
