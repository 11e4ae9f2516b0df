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
  /**
   * The active units other than services that go down with this one (targets, mounts), or would start it again while it is
   * down (sockets, timers, paths, automounts). Those of a service of `goDownWithIt` are in that one's own list. Of a service
   * that is down only the latter.
   */
  held: string[]
}

export interface ServiceOutcome {
  /**
   * `done`: it is as asked. `timeout`: not within the time. `failed`: the service manager says it failed, or refused.
   * `withdrawn`: it was to be started, and its unit has been removed or masked.
   */
  result: 'done' | 'timeout' | 'failed' | 'withdrawn'
  /** Its processes were killed because it did not stop in time. */
  forced: boolean
  /** What happened, for a person; null where it is done. */
  message: string | null
  /** The last lines of its journal since it was asked for; empty where it is done or there is no journal. */
  journal: string[]
  /** After a stop or restart: the pids of those of its processes that its unit lets live. Empty otherwise. */
  left: number[]
  /** What of its unit lets them live, `KillMode=process`; absent where there are none. */
  leftBy?: string
  /** It is up, and this that was up with it is not, as it has been removed or masked, for a person; absent where there is none. */
  changed?: string[]
}

export interface StopOptions {
  timeoutMs: number
  /** Its processes are killed where it has not stopped in time. */
  force: boolean
  signal?: AbortSignal
  /** The units that are stopped first, so that nothing wakes it: `held` of the service. */
  hold: string[]
}

export interface StartOptions {
  timeoutMs: number
  signal?: AbortSignal
  /** The units that are started again with it: those that were held. */
  giveBack: string[]
  /**
   * The caller has seen it down. Where it is up now and whoever woke it may have done so in the middle of the change (a
   * message on the bus, a client of a socket that is to be given back), it is stopped and started. False by default.
   */
  wasDown?: boolean
  /** The service itself was down before: only what was held is started, and the service where it had to be stopped for that. */
  heldOnly?: boolean
}

export interface RestartOptions {
  timeoutMs: number
  signal?: AbortSignal
  /** The pids of its processes until now: those of them that live on are `left`. None by default. */
  processes?: number[]
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
  /** Stops a service and waits for it, at most `timeoutMs`. One that is still starting is let finish that first. */
  stop(name: string, options: StopOptions): Promise<ServiceOutcome>
  /** Starts a service and waits until it is up and stays up, at most `timeoutMs`. */
  start(name: string, options: StartOptions): Promise<ServiceOutcome>
  /**
   * Stops and starts a service in one go, so that its listening sockets, the descriptors it has stored and its clients
   * survive, and whatever goes down with it comes back too. One that is down stays down. Of calls at the same time for
   * services that go down with each other each service is restarted once.
   */
  restart(name: string, options: RestartOptions): Promise<ServiceOutcome>
  /** Lets go of the connection; the next call opens it again. */
  close(): Promise<void>
}
