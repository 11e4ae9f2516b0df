export { errorCodes, type ErrorCode } from './codes.ts'
export { OperationError, RestartManagerError, type ErrorDetails } from './restart-manager-error.ts'
