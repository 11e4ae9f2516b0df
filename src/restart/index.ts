export { restartService } from './restart-service.ts'
export { startApplications } from './restart.ts'
