export { stopApplications, type ToStop } from './shutdown.ts'
