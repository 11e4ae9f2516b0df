/** Every error code, the number of the same error on Windows (winerror.h), and when it is due. */
export const errorCodes = {
  INVALID_ARGUMENT: { win32: 160, when: 'a malformed path, pid, name, key or option' },
  INVALID_SESSION: { win32: 6, when: 'the session has ended, or this role may not do that on it' },
  NOT_PRIMARY: { win32: 1219, when: 'shutdown, restart, cancel or filters by a secondary' },
  SESSION_KEY_INVALID: { win32: 1219, when: 'an unknown key, or a session of another user' },
  TOO_MANY_SESSIONS: { win32: 353, when: '64 live sessions of this user' },
  STORE_BUSY: { win32: 121, when: 'the session store could not be locked in time' },
  STORE_FAILED: { win32: 29, when: 'the session store cannot be read or written' },
  REBOOT_REQUIRED: { win32: 350, when: 'shutdown would not free the files; nothing was stopped' },
  FAIL_SHUTDOWN: { win32: 351, when: 'one or more applications did not stop' },
  FAIL_RESTART: { win32: 352, when: 'one or more applications did not come back' },
  OUT_OF_SEQUENCE: { win32: 776, when: 'restart before shutdown, or an operation while another one runs' },
  CANCELLED: { win32: 1223, when: 'cancelled' },
  PROCESS_NOT_FOUND: { win32: 87, when: 'no such process, or it has another start time' },
  FILTER_NOT_FOUND: { win32: 2, when: 'no such filter' },
  SERVICE_MANAGER_FAILED: { win32: 1722, when: 'the service manager cannot be reached or did not answer' },
  POLICY_INVALID: {
    win32: 1610,
    when: "the administrator's policy cannot be read, may be changed by others, or says what is not understood",
  },
  UNSUPPORTED_PLATFORM: { win32: 50, when: 'neither Linux nor (later) Windows' },
} as const satisfies Record<string, { win32: number; when: string }>

export type ErrorCode = keyof typeof errorCodes
