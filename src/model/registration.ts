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
