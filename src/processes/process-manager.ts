import type { ProcessContext } from '../linux/process-context.ts'
import type { ProcessIdentity } from '../model/index.ts'

/** All that is needed to start a program again as it was. Plain data: it is written down before the program is stopped. */
export interface ProcessRestartRecord {
  executable: string
  /** The arguments it registered, or was started with, without the program's own name. */
  commandLine: string[]
  workingDirectory: string
  environment: Record<string, string>
  uid: number
  gid: number
  groups: number[]
  /** The regular files that were its standard input, output and error; null: it gets /dev/null. */
  standardFiles: (StandardFile | null)[]
  context: ProcessContext
  /** What of it cannot be had back, for a person: `its terminal`. */
  lost: string[]
}

/** A program that was started again. */
export interface StartedProgram {
  process: ProcessIdentity
  /** What of its context could not be given back, for a person; empty where it is as it was. */
  changed: string[]
}

export interface StandardFile {
  path: string
  dev: string
  ino: string
  /** It was open for writing. */
  writable: boolean
}

/** How far the administrator lets a program be started again. */
export interface RestartPolicy {
  /** Also one that has not registered, with the arguments it was started with. */
  allowed: boolean
}

/** Whether a process can be started again, and if so how. */
export type Restartability = { record: ProcessRestartRecord } | { reason: string }

/** A process that takes part in being ended: it was asked whether it may be, and waits to hear what comes of it. */
export interface Conversation {
  /** Why it may not be ended, for a person; null where it agreed, or has ended. */
  refusal: string | null
  /** Tells it to save and to end. Resolves when it has said that it is done, or says no more. */
  end(): Promise<void>
  /** Tells it to stay, unless it has been told to end, and lets go. */
  stay(): void
}

/** Processes, as the use cases see them: everything goes by identity, never by pid alone. */
export interface ProcessManager {
  /** Who has this pid now; null where no process has it. */
  identify(pid: number): ProcessIdentity | null
  isRunning(process: ProcessIdentity): boolean
  /**
   * The processes that belong to it in the process group that it leads, without the caller and its ancestors. None where it leads no group, or has ended.
   */
  groupOf(process: ProcessIdentity): ProcessIdentity[]
  /**
   * Asks a process that takes part whether it may be ended, and waits at most `timeoutMs` for its answer; null where it does
   * not take part. After an abort nothing is waited for. Whoever was asked has to be told: `end` or `stay`.
   */
  query(process: ProcessIdentity, options: { timeoutMs: number; signal: AbortSignal }): Promise<Conversation | null>
  /** Asks it to end (SIGTERM), also where it is stopped (Ctrl+Z); `ended` where it has already, `refused` where the caller may not. */
  ask(process: ProcessIdentity): 'sent' | 'ended' | 'refused'
  /** Ends it (SIGKILL). */
  kill(process: ProcessIdentity): 'sent' | 'ended' | 'refused'
  /** Resolves when all have ended, or at the time-out or as soon as `unless` resolves, with those that have not. Rejects with CANCELLED. */
  waitForEnd(
    processes: ProcessIdentity[],
    options: { timeoutMs: number; signal?: AbortSignal; unless?: Promise<unknown> },
  ): Promise<ProcessIdentity[]>
  restartability(process: ProcessIdentity, policy: RestartPolicy): Restartability
  /**
   * Starts it and sees it stay up for a moment. `made` is told of its process before the program runs in it; where that
   * rejects, or the caller is killed before, the program never runs. It is told again of the process in which a program goes on
   * that has gone into the background. Rejects with an Error that says what went wrong.
   */
  start(record: ProcessRestartRecord, made: (process: ProcessIdentity) => Promise<void>): Promise<StartedProgram>
  /** Whether the program came to run in a process that was made for it by a caller that was killed. */
  cameUp(process: ProcessIdentity): Promise<boolean>
}
