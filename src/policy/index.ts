export { criticalService } from './critical-services.ts'
