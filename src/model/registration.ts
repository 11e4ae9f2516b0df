/** When an application does not want to be started again (Windows: RESTART_NO_CRASH, _HANG, _PATCH, _REBOOT). */
export interface RestartFlags {
  noCrash?: boolean
  noHang?: boolean
  /** Not after it was ended for an update, which is what a session does. */
  noPatch?: boolean
  noReboot?: boolean
}

/** What an application registered. */
export interface RestartSettings {
  /** The arguments it wants to be started with, without the program's own name. */
  commandLine: string[]
  flags: Required<RestartFlags>
}

/** The most UTF-16 units the arguments may have once joined by spaces (Windows: RESTART_MAX_CMD_LINE, 1,024 with the NUL). */
export const maximumCommandLine = 1023

/** What an application is asked: may it be ended, because files that it uses are replaced. */
export interface EndRequest {
  /** Windows: ENDSESSION_CLOSEAPP. */
  reason: 'close-app'
}

/** What an application that was asked is told then: to save and end, or to stay. */
export interface EndSession extends EndRequest {
  ending: boolean
}
