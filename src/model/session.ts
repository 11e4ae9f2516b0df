import type { ProcessIdentity } from './process.ts'

export type Role = 'primary' | 'secondary'

export const sessionStates = ['open', 'stopping', 'stopped', 'restarting', 'abandoned'] as const
/** `abandoned` is never stored: it is a session whose owner has ended. */
export type SessionState = (typeof sessionStates)[number]

export type ParticipantState = 'registering' | 'finished' | 'left' | 'died'

export interface Participant {
  process: ProcessIdentity
  role: Role
  state: ParticipantState
  /** ISO 8601. */
  joinedAt: string
}

/** A session as its user may see it; the key is not in it. */
export interface SessionSummary {
  /** Names the session where the key must not be shown; nothing can be done with it. */
  id: string
  owner: ProcessIdentity
  startedAt: string
  state: SessionState
  participants: Participant[]
  resources: { files: number; directories: number; processes: number; services: number }
  /** Names of the applications that this session stopped and that are not started again yet. */
  stopped: string[]
}

/** How many live sessions one user may have (Windows: 64 per user session). */
export const maximumSessions = 64
