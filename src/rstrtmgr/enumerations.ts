// The enumerations of restartmanager.h. Those of bits are masks: test them with `&`.

export const RM_APP_TYPE = {
  RmUnknownApp: 0,
  RmMainWindow: 1,
  RmOtherWindow: 2,
  RmService: 3,
  RmExplorer: 4,
  RmConsole: 5,
  RmCritical: 1000,
} as const
export type RM_APP_TYPE = (typeof RM_APP_TYPE)[keyof typeof RM_APP_TYPE]

/** Bits, and a history: they are never taken back. */
export const RM_APP_STATUS = {
  RmStatusUnknown: 0x0,
  RmStatusRunning: 0x1,
  RmStatusStopped: 0x2,
  RmStatusStoppedOther: 0x4,
  RmStatusRestarted: 0x8,
  RmStatusErrorOnStop: 0x10,
  RmStatusErrorOnRestart: 0x20,
  RmStatusShutdownMasked: 0x40,
  RmStatusRestartMasked: 0x80,
} as const
export type RM_APP_STATUS = (typeof RM_APP_STATUS)[keyof typeof RM_APP_STATUS]

/** Bits. */
export const RM_REBOOT_REASON = {
  RmRebootReasonNone: 0x0,
  RmRebootReasonPermissionDenied: 0x1,
  RmRebootReasonSessionMismatch: 0x2,
  RmRebootReasonCriticalProcess: 0x4,
  RmRebootReasonCriticalService: 0x8,
  RmRebootReasonDetectedSelf: 0x10,
} as const
export type RM_REBOOT_REASON = (typeof RM_REBOOT_REASON)[keyof typeof RM_REBOOT_REASON]

/** Bits; none of them: ask everybody politely. */
export const RM_SHUTDOWN_TYPE = { RmForceShutdown: 0x1, RmShutdownOnlyRegistered: 0x10 } as const
export type RM_SHUTDOWN_TYPE = (typeof RM_SHUTDOWN_TYPE)[keyof typeof RM_SHUTDOWN_TYPE]

export const RM_FILTER_TRIGGER = {
  RmFilterTriggerInvalid: 0,
  RmFilterTriggerFile: 1,
  RmFilterTriggerProcess: 2,
  RmFilterTriggerService: 3,
} as const
export type RM_FILTER_TRIGGER = (typeof RM_FILTER_TRIGGER)[keyof typeof RM_FILTER_TRIGGER]

export const RM_FILTER_ACTION = { RmInvalidFilterAction: 0, RmNoRestart: 1, RmNoShutdown: 2 } as const
export type RM_FILTER_ACTION = (typeof RM_FILTER_ACTION)[keyof typeof RM_FILTER_ACTION]
