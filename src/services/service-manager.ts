/** What a control group says of a process, as far as a service manager gives its groups names. */
export interface Membership {
  /** The service the process belongs to; null where it belongs to none of this manager's. */
  service: string | null
  /** The login session it belongs to. */
  session: string | null
}

export type ServiceState = 'active' | 'activating' | 'deactivating' | 'reloading' | 'inactive' | 'failed'

export interface Service {
  /** The name that the service manager itself uses, aliases resolved: `nginx.service`. */
  name: string
  /** The name for a person: `A high performance web server`. */
  description: string
  state: ServiceState
  mainPid: number | null
  /** The pids of all its processes, the main one first. */
  processes: number[]
  /** Why it cannot be stopped; null where it can. */
  notStoppable: string | null
  /** Why it cannot be started again; null where it can. */
  notStartable: string | null
  /** The active services that stop when this one is stopped, directly or by way of others. */
  goDownWithIt: string[]
}

export interface ServiceOutcome {
  /** `done`: it is as asked. `timeout`: not within the time. `failed`: the service manager says it failed, or refused. */
  result: 'done' | 'timeout' | 'failed'
  /** Its processes were killed because it did not stop in time. */
  forced: boolean
  /** What happened, for a person; null where it is done. */
  message: string | null
  /** The last lines of its journal; empty where it is done or there is no journal. */
  journal: string[]
}

/**
 * A service manager, as the use cases see it. Every method but `membershipOf` and `close` rejects with
 * SERVICE_MANAGER_FAILED where the manager cannot be reached. Implementations: systemd/.
 */
export interface ServiceManager {
  /** `systemd`, `systemd --user` for the calling user's own, `systemd --user (1000)` for another user's. */
  readonly name: string
  /** Its services are not found by their bare names: the same name may mean a service of several users. */
  readonly ofOtherUser: boolean
  /** Reads the control group of a process (its path in the hierarchy); asks nobody. */
  membershipOf(controlGroup: string): Membership
  /** Null where there is no such service. `name` may be short (`nginx`) or an alias. */
  describe(name: string): Promise<Service | null>
  /** Stops a service and waits for it, at most `timeoutMs`; with `force` its processes are killed after that. */
  stop(name: string, options: { timeoutMs: number; force: boolean; signal?: AbortSignal }): Promise<ServiceOutcome>
  /** Starts a service and waits until it is up, at most `timeoutMs`. */
  start(name: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<ServiceOutcome>
  /** Lets go of the connection; the next call opens it again. */
  close(): Promise<void>
}
