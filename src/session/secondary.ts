import { RestartManagerError } from '../errors/index.ts'
import type { StoredSession } from '../store/session-store.ts'
import { BaseSession, type Session } from './session.ts'

/** A secondary registers, lists, says that it is finished, and leaves. All else is the primary's. */
export interface SecondarySession extends Session {
  readonly role: 'secondary'
}

export class Secondary extends BaseSession implements SecondarySession {
  readonly role = 'secondary' as const

  protected override async leave(stored: StoredSession, participant: number): Promise<void> {
    await stored.setParticipantState(participant, 'left')
  }
}

const primaryOnly = [
  'shutdown',
  'restart',
  'restartInPlace',
  'cancel',
  'participants',
  'summary',
  'waitForParticipants',
] as const

// Not on the type; callers without types learn at run time why.
for (const name of primaryOnly) {
  Object.defineProperty(Secondary.prototype, name, { value: () => Promise.reject(notPrimary(name)) })
}
const refuse = (name: string) => () => Promise.reject(notPrimary(`filters.${name}`))
Object.defineProperty(Secondary.prototype, 'filters', {
  value: { add: refuse('add'), remove: refuse('remove'), list: refuse('list') },
})

export function notPrimary(action: string): RestartManagerError {
  return new RestartManagerError('NOT_PRIMARY', `Only the primary may do this: ${action}`, {
    hint: 'A secondary registers, lists, says finished() and ends',
  })
}
