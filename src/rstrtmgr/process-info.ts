import type { AffectedApplication, ApplicationStatus, ApplicationType, RebootReason } from '../model/index.ts'
import { CCH_RM_MAX_APP_NAME, CCH_RM_MAX_SVC_NAME, RM_INVALID_TS_SESSION } from './constants.ts'
import { RM_APP_STATUS, RM_APP_TYPE, RM_REBOOT_REASON } from './enumerations.ts'
import { toUniqueProcess } from './file-time.ts'
import { shortServiceName } from './service-name.ts'
import type { RM_PROCESS_INFO, RM_UNIQUE_PROCESS } from './structures.ts'

const types: Record<ApplicationType, RM_APP_TYPE> = {
  unknown: RM_APP_TYPE.RmUnknownApp,
  'main-window': RM_APP_TYPE.RmMainWindow,
  'other-window': RM_APP_TYPE.RmOtherWindow,
  service: RM_APP_TYPE.RmService,
  explorer: RM_APP_TYPE.RmExplorer,
  console: RM_APP_TYPE.RmConsole,
  critical: RM_APP_TYPE.RmCritical,
}

const statuses: Record<ApplicationStatus, RM_APP_STATUS> = {
  running: RM_APP_STATUS.RmStatusRunning,
  stopped: RM_APP_STATUS.RmStatusStopped,
  'stopped-other': RM_APP_STATUS.RmStatusStoppedOther,
  restarted: RM_APP_STATUS.RmStatusRestarted,
  'error-on-stop': RM_APP_STATUS.RmStatusErrorOnStop,
  'error-on-restart': RM_APP_STATUS.RmStatusErrorOnRestart,
  'shutdown-masked': RM_APP_STATUS.RmStatusShutdownMasked,
  'restart-masked': RM_APP_STATUS.RmStatusRestartMasked,
}

const reasons: Record<RebootReason, RM_REBOOT_REASON> = {
  'permission-denied': RM_REBOOT_REASON.RmRebootReasonPermissionDenied,
  'session-mismatch': RM_REBOOT_REASON.RmRebootReasonSessionMismatch,
  'critical-process': RM_REBOOT_REASON.RmRebootReasonCriticalProcess,
  'critical-service': RM_REBOOT_REASON.RmRebootReasonCriticalService,
  'detected-self': RM_REBOOT_REASON.RmRebootReasonDetectedSelf,
}

const noProcess: RM_UNIQUE_PROCESS = { dwProcessId: 0, ProcessStartTime: { dwLowDateTime: 0, dwHighDateTime: 0 } }

export function processInfoOf(application: AffectedApplication): RM_PROCESS_INFO {
  const { process, name, service, type, status, restartable } = application
  return {
    Process: process.pid === 0 ? noProcess : toUniqueProcess(process),
    strAppName: cut(name, CCH_RM_MAX_APP_NAME),
    strServiceShortName: service === null ? '' : cut(shortServiceName(service), CCH_RM_MAX_SVC_NAME),
    ApplicationType: types[type],
    AppStatus: maskOf(status.map((one) => statuses[one])),
    TSSessionId: sessionIdOf(application),
    bRestartable: restartable,
  }
}

export function rebootReasonsMask(list: RebootReason[]): number {
  return maskOf(list.map((one) => reasons[one]))
}

/** At most `length` UTF-16 units; a character of two units that does not fit is left out as a whole. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}

/** logind numbers the login sessions of people; others (`c1`) have a name that is no number (sd_pid_get_session(3)). */
function sessionIdOf({ session, type }: AffectedApplication): number {
  if (session === null || type === 'service' || type === 'critical') return RM_INVALID_TS_SESSION
  return /^\d{1,9}$/.test(session) ? Number(session) : RM_INVALID_TS_SESSION
}

function maskOf(bits: number[]): number {
  return bits.reduce((mask, bit) => mask | bit, 0)
}
