import { joinSession, startSession } from '../session/index.ts'
import {
  answerOf,
  ERROR_INVALID_HANDLE,
  ERROR_SESSION_CREDENTIAL_CONFLICT,
  ERROR_SUCCESS,
  failureOf,
  type Answer,
  type Failure,
} from './error-numbers.ts'
import { assertFlags } from './flags.ts'
import { closeHandle, openHandle, openSessionOf, type RmSessionHandle, type Untested } from './handles.ts'

/** `sessionKey`: 32 hexadecimal digits that are made here and give access to the session. */
export type RmStartSessionResult =
  { error: typeof ERROR_SUCCESS; sessionHandle: RmSessionHandle; sessionKey: string } | { error: Failure }

export type RmJoinSessionResult = { error: typeof ERROR_SUCCESS; sessionHandle: RmSessionHandle } | { error: Failure }

/**
 * Starts a session; the caller is its primary installer. Failures: 160 (flags other than 0), 353 (64 live sessions of this
 * user), 121, 29, 14.
 */
export async function RmStartSession(dwSessionFlags: 0): Promise<RmStartSessionResult> {
  try {
    assertFlags(dwSessionFlags, 0)
    const session = await startSession()
    return { error: ERROR_SUCCESS, sessionHandle: openHandle(session), sessionKey: session.key }
  } catch (error) {
    return { error: failureOf(error) }
  }
}

/**
 * Joins a session by its key; the caller is a secondary installer. Failures: 1219 (an unknown key, another user's session, one
 * whose primary has ended), 160 (no key: 32 hexadecimal digits), 121, 29, 14.
 */
export async function RmJoinSession(strSessionKey: string): Promise<RmJoinSessionResult> {
  try {
    return { error: ERROR_SUCCESS, sessionHandle: openHandle(await joinSession(strSessionKey)) }
  } catch (thrown) {
    const error = failureOf(thrown)
    return { error: error === ERROR_INVALID_HANDLE ? ERROR_SESSION_CREDENTIAL_CONFLICT : error }
  }
}

/**
 * The primary ends the session for all, a secondary leaves it. The handle is free again, also where the session has ended
 * already (6). Failures: 6, 776 (an operation is running), 121, 29, 14.
 */
export async function RmEndSession<Handle extends RmSessionHandle>(dwSessionHandle: Untested<Handle>): Promise<Answer> {
  return answerOf(async () => {
    const open = openSessionOf(dwSessionHandle as Handle)
    try {
      await open.session.end()
    } catch (error) {
      if (failureOf(error) === ERROR_INVALID_HANDLE) closeHandle(dwSessionHandle as Handle, open)
      throw error
    }
    closeHandle(dwSessionHandle as Handle, open)
  })
}
