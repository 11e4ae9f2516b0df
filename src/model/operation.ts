import type { AffectedApplication, AffectedList, ApplicationStatus, Cure, UninspectedProcess } from './affected.ts'
import type { ProcessIdentity } from './process.ts'

export interface Progress {
  /** 0..100, strictly increasing; the last report of an operation is 100. */
  percent: number
  phase: 'shutdown' | 'restart'
  application?: AffectedApplication
  outcome?: ApplicationStatus
}

/** What one application came to. */
export interface ApplicationResult {
  application: AffectedApplication
  outcome: ApplicationStatus
  durationMs: number
  /** It did not end when asked and was killed. */
  forced: boolean
  /** What went wrong, for a person; null where nothing did. */
  error: string | null
  /** The last journal lines of a service that failed. */
  journal: string[]
  /** It was ended by force though it did not agree when it was asked: what became of that, for a person. */
  refusal?: string
  /** A service was stopped, and its unit lets these processes of it live: `by` says what of it, `KillMode=process`. */
  left?: { processes: ProcessIdentity[]; by: string }
  /** It runs again, and this of its context could not be given back, for a person: `its niceness, -3 (not permitted)`. */
  changed?: string[]
}

/** The row of an application to which nothing was done. */
export function untouchedResult(application: AffectedApplication, outcome: ApplicationStatus): ApplicationResult {
  return { application, outcome, durationMs: 0, forced: false, error: null, journal: [] }
}

/** What went wrong, for a message: `nginx: it did not start; redis: …`. */
export function describeErrors(results: ApplicationResult[]): string {
  const failed = results.filter(({ error }) => error !== null)
  return failed.map(({ application, error }) => `${application.name}: ${String(error)}`).join('; ')
}

export interface ShutdownResult {
  applications: ApplicationResult[]
  /** Started again because the shutdown did not succeed as a whole; empty otherwise. */
  restartedAfterFailure: ApplicationResult[]
  /** Files that are in use all the same, by something that no process list shows. Absent where nothing was stopped. */
  heldByUnknown?: string[]
}

/** An application that still uses an old version, or that was registered itself and not restarted. */
export interface RemainingApplication extends AffectedApplication {
  /** Why it was not restarted, for a person. */
  why: string
  cure: Cure
}

/** What is left when everything has been looked at again after a restart. */
export interface LeftOver {
  /** Who still uses old versions, in the order of their pids. */
  remaining: RemainingApplication[]
  /** Who could not be looked at, and may use old versions. */
  uninspected: UninspectedProcess[]
}

export interface RestartResult extends LeftOver {
  applications: ApplicationResult[]
}

/** What was stopped and started again after the files had been changed. */
export type InPlaceResult = RestartResult

/** What a restart in place is about to do. */
export interface InPlacePlan extends LeftOver {
  /** These will be restarted, with what goes down with them. */
  restart: AffectedApplication[]
}

export interface ShutdownOptions {
  /** End also what refuses to, and kill what does not end in time. */
  force?: boolean
  /** Stop nothing unless everything affected can be started again. */
  onlyRegistered?: boolean
  signal?: AbortSignal
  /**
   * Asked when it is known what would be stopped, before anything is: exactly these, and nobody who comes later. False
   * cancels. Where `rebootReasons` has some, nothing will be stopped, whatever the answer. `signal` aborts when the shutdown
   * is cancelled while the answer is waited for.
   */
  confirm?: (list: AffectedList, signal: AbortSignal) => boolean | Promise<boolean>
  onProgress?: (progress: Progress) => void
  timeouts?: Timeouts
}

export interface RestartOptions {
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
  timeouts?: Pick<Timeouts, 'serviceMs' | 'applicationMs'>
}

export interface InPlaceOptions extends RestartOptions {
  /**
   * Besides what is registered everything on this machine that has become out of date since `before`, or is out of date where
   * there is no `before`, as `listStale` sees it.
   */
  stale?: boolean
  /**
   * How it was before the change: what `listStale` found out of date is left alone, and so is what was registered itself and
   * has been started anew since.
   */
  before?: AffectedList
  /**
   * Asked when it is known what would be restarted, before anything is. False: nothing is restarted, and everything is in
   * `remaining`. `signal` aborts when the operation is cancelled while the answer is waited for.
   */
  confirm?: (plan: InPlacePlan, signal: AbortSignal) => boolean | Promise<boolean>
}

/** Milliseconds. */
export interface Timeouts {
  /** How long an application may take to answer whether it may be ended: 5,000. */
  queryMs?: number
  /** How long an application may take to end: 30,000. */
  applicationMs?: number
  /** How long a service may take to stop or start: 20,000. */
  serviceMs?: number
}
