// The limits of restartmanager.h and winbase.h, in their units.

/** Bytes of a session key. */
export const RM_SESSION_KEY_LEN = 16
/** Characters of a session key as text. */
export const CCH_RM_SESSION_KEY = 32
/** UTF-16 units of `strAppName` at most. */
export const CCH_RM_MAX_APP_NAME = 255
/** UTF-16 units of `strServiceShortName` at most. */
export const CCH_RM_MAX_SVC_NAME = 63
/** `TSSessionId` where there is no login session, or its name is no number. */
export const RM_INVALID_TS_SESSION = -1
export const RM_INVALID_PROCESS = -1
/** UTF-16 units of a restart command line with the NUL that ends it on Windows: 1,023 can be used. */
export const RESTART_MAX_CMD_LINE = 1024

export const RESTART_NO_CRASH = 1
export const RESTART_NO_HANG = 2
/** Not after it was ended for an update, which is what a session does. */
export const RESTART_NO_PATCH = 4
export const RESTART_NO_REBOOT = 8
