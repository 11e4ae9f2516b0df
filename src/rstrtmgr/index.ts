export {
  E_FAIL,
  E_INVALIDARG,
  GetApplicationRestartSettings,
  HRESULT_NOT_FOUND,
  RegisterApplicationRestart,
  S_OK,
  UnregisterApplicationRestart,
  type GetApplicationRestartSettingsResult,
  type RegistrationFailure,
} from './application-restart.ts'
export * from './constants.ts'
export * from './enumerations.ts'
export {
  ERROR_ACCESS_DENIED,
  ERROR_BAD_ARGUMENTS,
  ERROR_BAD_CONFIGURATION,
  ERROR_CANCELLED,
  ERROR_FAIL_NOACTION_REBOOT,
  ERROR_FAIL_RESTART,
  ERROR_FAIL_SHUTDOWN,
  ERROR_FILE_NOT_FOUND,
  ERROR_INVALID_HANDLE,
  ERROR_MAX_SESSIONS_REACHED,
  ERROR_MORE_DATA,
  ERROR_NOT_SUPPORTED,
  ERROR_OUTOFMEMORY,
  ERROR_REQUEST_OUT_OF_SEQUENCE,
  ERROR_SEM_TIMEOUT,
  ERROR_SESSION_CREDENTIAL_CONFLICT,
  ERROR_SUCCESS,
  ERROR_WRITE_FAULT,
  RPC_S_SERVER_UNAVAILABLE,
  type Answer,
  type Failure,
} from './error-numbers.ts'
export { toProcessIdentity, toUniqueProcess } from './file-time.ts'
export { RmAddFilter, RmGetFilterList, RmRemoveFilter, type RmGetFilterListResult } from './filters.ts'
export { RmGetList, type RmGetListResult, type RmList } from './get-list.ts'
export type { RmSessionHandle, Untested } from './handles.ts'
export { RmRegisterResources } from './register-resources.ts'
export {
  RmEndSession,
  RmJoinSession,
  RmStartSession,
  type RmJoinSessionResult,
  type RmStartSessionResult,
} from './sessions.ts'
export { RmCancelCurrentTask, RmRestart, RmShutdown } from './shutdown-restart.ts'
export type {
  FILETIME,
  RM_FILTER_INFO,
  RM_PROCESS_INFO,
  RM_UNIQUE_PROCESS,
  RM_WRITE_STATUS_CALLBACK,
} from './structures.ts'
