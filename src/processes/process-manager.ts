import type { ProcessIdentity } from '../model/index.ts'

/** All that is needed to start a program again as it was. Plain data: it is written down before the program is stopped. */
export interface ProcessRestartRecord {
  executable: string
  /** The registered arguments, without the program's own name. */
  commandLine: string[]
  workingDirectory: string
  environment: Record<string, string>
  uid: number
  gid: number
  groups: number[]
  /** The regular files that were its standard input, output and error; null: it gets /dev/null. */
  standardFiles: (StandardFile | null)[]
}

export interface StandardFile {
  path: string
  dev: string
  ino: string
  /** It was open for writing. */
  writable: boolean
}

/** Whether a process can be started again, and if so how. */
export type Restartability = { record: ProcessRestartRecord } | { reason: string }

/** Processes, as the use cases see them: everything goes by identity, never by pid alone. */
export interface ProcessManager {
  /** Who has this pid now; null where no process has it. */
  identify(pid: number): ProcessIdentity | null
  isRunning(process: ProcessIdentity): boolean
  /**
   * The processes of the group that it leads, without the caller and its ancestors: what it started and what that started.
   * None where it leads no group, or has ended.
   */
  groupOf(process: ProcessIdentity): ProcessIdentity[]
  /** Asks it to end (SIGTERM); `ended` where it has already, `refused` where the caller may not. */
  ask(process: ProcessIdentity): 'sent' | 'ended' | 'refused'
  /** Ends it (SIGKILL). */
  kill(process: ProcessIdentity): 'sent' | 'ended' | 'refused'
  /** Resolves when all have ended, or at the time-out, with those that have not. Rejects with CANCELLED. */
  waitForEnd(
    processes: ProcessIdentity[],
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<ProcessIdentity[]>
  restartability(process: ProcessIdentity): Restartability
  /** Starts it and sees it stay up for a moment. Rejects with an Error that says what went wrong. */
  start(record: ProcessRestartRecord): Promise<ProcessIdentity>
}
