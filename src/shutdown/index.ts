export { stopApplications } from './shutdown.ts'
