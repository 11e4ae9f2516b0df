export { startApplications } from './restart.ts'
