import { RestartManagerError } from '../../errors/index.ts'

/** The connection broke before the answer came. What was asked may or may not have been done. */
export class ConnectionLost extends Error {
  override readonly name: string = 'ConnectionLost'
}

/** The service manager answered with an error; `errorName` is its D-Bus name. The message is part of a sentence: without a full stop. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal'
  readonly errorName: string

  constructor(errorName: string, message: string, cause: unknown) {
    super(message.replace(/\.$/, ''), { cause })
    this.errorName = errorName
  }
}

/** The error names of a bus that has nobody there to answer. */
const unanswered = new Set([
  'org.freedesktop.DBus.Error.NoReply',
  'org.freedesktop.DBus.Error.ServiceUnknown',
  'org.freedesktop.DBus.Error.NameHasNoOwner',
  'org.freedesktop.DBus.Error.NoServer',
  'org.freedesktop.DBus.Error.Timeout',
])

/** The error of a call (a DBusError of dbus-native, or whatever its marshaller threw) as one of this folder's. */
export function callError(error: unknown, member: string): Error {
  if (error instanceof ConnectionLost) return error
  const { dbusName, message } = error as { dbusName?: string; message: string }
  if (dbusName === 'org.freedesktop.DBus.Error.Disconnected') return new ConnectionLost(message, { cause: error })
  if (dbusName === undefined || unanswered.has(dbusName)) return managerFailed(`did not answer ${member}`, error)
  return new Refusal(dbusName, message, error)
}

/** SERVICE_MANAGER_FAILED; `what` continues "systemd ...". */
export function managerFailed(what: string, cause: unknown): RestartManagerError {
  const reason = cause instanceof Error ? `: ${cause.message}` : ''
  return new RestartManagerError('SERVICE_MANAGER_FAILED', `systemd ${what}${reason}`, {
    hint: 'See whether systemd runs and answers: systemctl status',
    cause,
  })
}

/** The manager may say no: then what was asked for is not needed, or not to be had. */
export async function ignoringRefusal(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
}
