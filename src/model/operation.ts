import type { AffectedApplication, AffectedList, ApplicationStatus } from './affected.ts'

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
}

export interface RestartResult {
  applications: ApplicationResult[]
}

/** What was stopped and started again after the files had been changed. */
export interface InPlaceResult extends RestartResult {
  /** These still use the old version; `critical` or `notRestartable` says why they were left alone. */
  remaining: AffectedApplication[]
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

/** Milliseconds. */
export interface Timeouts {
  /** How long an application may take to answer whether it may be ended: 5,000. */
  queryMs?: number
  /** How long an application may take to end: 30,000. */
  applicationMs?: number
  /** How long a service may take to stop or start: 20,000. */
  serviceMs?: number
}
