import type { AppliedRule } from './policy.ts'
import { processKey, type ProcessIdentity } from './process.ts'

export const applicationTypes = [
  'unknown',
  'main-window',
  'other-window',
  'service',
  'explorer',
  'console',
  'critical',
] as const
export type ApplicationType = (typeof applicationTypes)[number]

export const applicationStatuses = [
  'running',
  'stopped',
  'stopped-other',
  'restarted',
  'error-on-stop',
  'error-on-restart',
  'shutdown-masked',
  'restart-masked',
] as const
export type ApplicationStatus = (typeof applicationStatuses)[number]

export const rebootReasons = [
  'permission-denied',
  'session-mismatch',
  'critical-process',
  'critical-service',
  'detected-self',
] as const
export type RebootReason = (typeof rebootReasons)[number]

export const cures = ['log-out', 'soft-reboot', 'reboot', 'by-hand'] as const
/**
 * What frees the files of an application that is left alone. `log-out`: its login session, or all of its user, has to end.
 * `soft-reboot`: all of user space, where systemd has that (254). `by-hand`: an administrator stops and starts it.
 */
export type Cure = (typeof cures)[number]

export const useKinds = ['executable', 'mapped', 'open', 'script', 'working-directory', 'root-directory'] as const
export type UseKind = (typeof useKinds)[number]

/** One process using one file in one way. */
export interface FileUse {
  /** The path as it was registered. */
  path: string
  as: UseKind
  /** The process still uses the version that was there when the path was registered, and the path now names another. */
  replaced: boolean
  process: ProcessIdentity
  /** It is `open` by descriptors that only name it and can neither read nor write it (O_PATH, open(2)). */
  pathOnly?: true
}

/** What is stopped and started as one: a service with all its processes, or a process and the children it is responsible for. */
export interface AffectedApplication {
  /** The main process. */
  process: ProcessIdentity
  /** All of them, the main process first. */
  processes: ProcessIdentity[]
  name: string
  executable: string | null
  command: string[]
  user: { uid: number; name: string | null }
  type: ApplicationType
  /** The name of the unit, `nginx.service`; null where it is no service. */
  service: string | null
  serviceManager: string | null
  /** The login session it belongs to, as logind names it; null where there is none. */
  session: string | null
  /** ISO 8601. */
  startedAt: string
  /** Everything that has happened to it in this session, oldest first. */
  status: ApplicationStatus[]
  restartable: boolean
  /** Why it would not be started again; null where it would. */
  notRestartable: string | null
  /** Why it must not be stopped; null where it may. */
  critical: string | null
  /** The same as one of the reboot reasons of the list; null where it may be stopped. */
  rebootReason: RebootReason | null
  /** A rule with `ordinary` would allow to stop it. False where it may be stopped anyhow, and where nothing allows it. */
  overridable: boolean
  /** The rule of the policy that decided about it; null where none matches. */
  rule: AppliedRule | null
  /** What frees the files where this application is not restarted by us; null where it is. */
  cure: Cure | null
  uses: FileUse[]
  /** Services that stop when this one is stopped. */
  dependents: string[]
  /**
   * Units other than services that are down while this service is, as they go down with it (targets, mounts) or would start
   * it again (sockets, timers, paths). They are given back when it is started. Empty for programs.
   */
  held: string[]
  /** A service that is down, and that something is up for that would start it: only `held` is stopped, and given back. */
  down?: true
}

/** Something registered, or a directory beneath it, that could not be read: nobody knows what there is used. */
export interface UnreadablePath {
  /** The subdirectory itself where it lies beneath a registered directory. */
  path: string
  /** For a person. */
  reason: string
}

/** A process that could not be looked at: neither a user of the resources nor known not to be. */
export interface UninspectedProcess {
  process: ProcessIdentity
  name: string
  reason: string
}

/** When write leases tell whether a file is held: never, for files without a use, or before anything else. */
export const probes = ['off', 'after', 'first'] as const
export type Probe = (typeof probes)[number]

export interface AffectedList {
  applications: AffectedApplication[]
  /** Why only a reboot would free the resources; empty: no reboot needed. */
  rebootReasons: RebootReason[]
  uninspected: UninspectedProcess[]
  /** Files in use by something that no process list shows. */
  heldByUnknown: string[]
  /** What could not be read of the resources themselves, so that its users are missing here; empty: nothing was left out. */
  unreadable: UnreadablePath[]
}

/** A text that is equal for the same application: the service, or the program's main process. A program that was started again is another one. */
export function applicationKey({ service, serviceManager, process }: AffectedApplication): string {
  return service === null ? processKey(process) : `${String(serviceManager)} ${service}`
}

/**
 * From what has happened to an application that a session was going to stop: it is down for sure; or it was asked to end,
 * or may have been, and nothing has been written down since; or it is settled.
 */
export function stoppingState(status: ApplicationStatus[]): 'down' | 'undecided' | 'settled' {
  const last = status.at(-1)
  if (last === 'stopped' || last === 'error-on-restart') return 'down'
  return last === 'error-on-stop' || (last === 'running' && status.length === 1) ? 'undecided' : 'settled'
}
