import type { RM_APP_TYPE, RM_FILTER_ACTION, RM_FILTER_TRIGGER } from './enumerations.ts'

/** 100 ns since 1601-01-01 UTC, in two halves of 32 bits without sign (minwinbase.h). It is no number of 64 bits. */
export interface FILETIME {
  dwLowDateTime: number
  dwHighDateTime: number
}

/** A process, not a pid: two that had the same pid one after the other differ in their start time. */
export interface RM_UNIQUE_PROCESS {
  dwProcessId: number
  ProcessStartTime: FILETIME
}

export interface RM_PROCESS_INFO {
  /** The main process; all zero for a service that is up without a process. */
  Process: RM_UNIQUE_PROCESS
  /** At most CCH_RM_MAX_APP_NAME units. */
  strAppName: string
  /** The unit without `.service`, at most CCH_RM_MAX_SVC_NAME units; empty where it is no service. */
  strServiceShortName: string
  ApplicationType: RM_APP_TYPE
  /** Bits of RM_APP_STATUS: all that has happened to it in this session. */
  AppStatus: number
  /** The login session as logind numbers it; RM_INVALID_TS_SESSION where there is none, and for services. */
  TSSessionId: number
  bRestartable: boolean
}

interface FilterInfo {
  FilterAction: RM_FILTER_ACTION
  /** To the next record, in records: 0 for the last one, else 1. On Windows it counts bytes. */
  cbNextOffset: 0 | 1
}

/** A union by its trigger. */
export type RM_FILTER_INFO = FilterInfo &
  (
    | { FilterTrigger: typeof RM_FILTER_TRIGGER.RmFilterTriggerFile; strFilename: string }
    | { FilterTrigger: typeof RM_FILTER_TRIGGER.RmFilterTriggerProcess; Process: RM_UNIQUE_PROCESS }
    | { FilterTrigger: typeof RM_FILTER_TRIGGER.RmFilterTriggerService; strServiceShortName: string }
  )

/** Percent of the applications, 0 to 100, strictly increasing. */
export type RM_WRITE_STATUS_CALLBACK = (nPercentComplete: number) => void
