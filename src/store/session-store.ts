import type {
  AffectedApplication,
  ApplicationStatus,
  Filter,
  FilterTarget,
  Participant,
  ProcessIdentity,
  RegisteredResources,
  Role,
  SessionState,
  SessionSummary,
} from '../model/index.ts'

/** What is needed to start an application again, as the processes doorway or a service manager wrote it down: JSON, opaque to the store. */
export type RestartRecord = unknown

/** An application that this session stops, stopped or started again. */
export interface ApplicationRecord {
  id: number
  application: AffectedApplication
  /** Everything that has happened to it, oldest first. */
  status: ApplicationStatus[]
  restartRecord: RestartRecord
  /** The process that was made for it when it was last started again; it counts as started with the status `restarted`. */
  made: ProcessIdentity | null
  /** Its place in the order of shutdown. */
  order: number
  /** When its last status was written, in milliseconds of the monotonic clock (process.hrtime). */
  changedAt: number
}

export type NewApplication = Pick<ApplicationRecord, 'application' | 'status' | 'restartRecord'>

export interface NewSession {
  key: string
  owner: ProcessIdentity
}

/** The number of the participant that `create` makes: the owner, as primary. */
export const ownerParticipant = 1

/** All sessions of one user. */
export interface SessionStore {
  /**
   * Makes a session with its owner as primary participant. At most `maximumSessions` live ones: abandoned sessions that
   * hold nothing stopped are removed, the others do not count. Errors: TOO_MANY_SESSIONS, STORE_BUSY, STORE_FAILED.
   */
  create(session: NewSession): Promise<StoredSession>
  /** Errors: INVALID_ARGUMENT (malformed key), SESSION_KEY_INVALID (unknown, or another user's), STORE_BUSY, STORE_FAILED. */
  open(key: string): Promise<StoredSession>
  /** The live and the abandoned ones, oldest first. */
  list(): Promise<SessionSummary[]>
  /**
   * Opens the sessions whose owner has ended, oldest first; whoever owns the store needs no key for them. One that cannot be
   * read does not hide the others. Errors: STORE_FAILED (the directory cannot be read).
   */
  openAbandoned(): Promise<{ sessions: StoredSession[]; failures: Error[] }>
}

/**
 * One session. Every method is one transaction, and rejects with INVALID_SESSION when the session has been ended, with
 * STORE_BUSY when the store could not be locked in time, with STORE_FAILED when it cannot be read or written.
 */
export interface StoredSession {
  readonly id: string
  summary(): Promise<SessionSummary>

  /** Answers the participant's number, which names it from then on. */
  addParticipant(process: ProcessIdentity, role: Role): Promise<number>
  setParticipantState(participant: number, state: 'registering' | 'finished' | 'left'): Promise<void>
  /** Secondaries that have said they are finished are registering again: a new stage of the work has begun. */
  reopenParticipants(): Promise<void>
  participants(): Promise<Participant[]>

  /** Additive; what is already there stays as it was registered first. Puts the participant back to `registering`. */
  addResources(participant: number, resources: RegisteredResources): Promise<void>
  resources(): Promise<RegisteredResources>

  /** Replaces an earlier action for the same target. */
  setFilter(filter: Filter): Promise<void>
  /** False where there was none. */
  removeFilter(target: FilterTarget): Promise<boolean>
  filters(): Promise<Filter[]>

  /**
   * Goes from one of the states `from` to `to`, as one step: of two callers at the same time one gets `true`. An
   * operation state (`stopping`, `restarting`) carries who runs it; where that process has ended, it counts as `stopped`.
   */
  changeState(from: SessionState[], to: SessionState, operator?: ProcessIdentity): Promise<boolean>
  state(): Promise<SessionState>
  /** Whether the session has ever been `stopping`. */
  shutdownCalled(): Promise<boolean>

  /** Written before the first of them is stopped; they take the places after those that are there. Answers their ids. */
  addApplications(applications: NewApplication[]): Promise<number[]>
  addStatus(applicationId: number, status: ApplicationStatus): Promise<void>
  /** Written before the program is let go in the process that was made for it. */
  setMade(applicationId: number, process: ProcessIdentity): Promise<void>
  /** In the order of shutdown. */
  applications(): Promise<ApplicationRecord[]>

  /** Asks the operation that is running to stop; forgotten when none is, and when the next one begins. */
  requestCancel(): Promise<void>
  cancelRequested(): Promise<boolean>

  /** Removes the session for everybody. */
  destroy(): Promise<void>
  /** Lets go of the file; the session stays. */
  close(): void
}
