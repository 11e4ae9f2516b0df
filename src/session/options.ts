import { RestartManagerError } from '../errors/index.ts'
import { showsOwnProcesses } from '../linux/processes.ts'
import { probes, type Probe, type ProcessIdentity, type Timeouts } from '../model/index.ts'

export interface SessionOptions {
  /** Where session state lives; default: RESTART_MANAGER_RUNTIME_DIR, else `/run/restart-manager` or `$XDG_RUNTIME_DIR/restart-manager`. */
  runtimeDirectory?: string
  /** How long to wait for the store's lock, in milliseconds: 10,000. */
  lockTimeoutMs?: number
  /** The process whose life is the session's; default: the calling process. Only for `startSession`. */
  owner?: ProcessIdentity | number
}

export interface ListOptions {
  /** Aborts the look: it rejects with CANCELLED. */
  signal?: AbortSignal
  /**
   * Whether write leases are used, which see what no process list shows (`heldByUnknown`). `after`: for the files without a
   * use; `first`: for all, and no process is looked at where all are free, so that scripts and descriptors that only name a
   * file (O_PATH) are missed; `off`: not at all. Default: RESTART_MANAGER_PROBE, else `after` for up to 10,000 files.
   */
  probe?: Probe
}

/** The options of a look, the environment's among them. Errors: INVALID_ARGUMENT for a probe that is not known. */
export function listOptionsOf({ signal, probe = wantedProbe() }: ListOptions): ListOptions {
  if (probe !== undefined && !probes.includes(probe)) {
    throw new RestartManagerError('INVALID_ARGUMENT', `Unknown probe: ${probe as string}; wanted ${probes.join(', ')}`)
  }
  return { ...(signal && { signal }), ...(probe && { probe }) }
}

function wantedProbe(): Probe | undefined {
  return (process.env['RESTART_MANAGER_PROBE'] || undefined) as Probe | undefined
}

export const defaultTimeouts: Required<Timeouts> = { queryMs: 5000, applicationMs: 30_000, serviceMs: 20_000 }

/** The time-outs in force. Errors: INVALID_ARGUMENT for one that is not known or no number from 0 to 2^31-1. */
export function timeoutsOf(timeouts: Timeouts = {}): Required<Timeouts> {
  for (const [name, value] of Object.entries(timeouts)) {
    if (!Object.hasOwn(defaultTimeouts, name)) {
      const known = Object.keys(defaultTimeouts).join(', ')
      throw new RestartManagerError('INVALID_ARGUMENT', `Unknown time-out: ${name}; known are ${known}`)
    }
    assertMilliseconds(`The time-out ${name}`, value)
  }
  return { ...defaultTimeouts, ...timeouts }
}

/** Errors: INVALID_ARGUMENT. */
export function assertMilliseconds(name: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0 && value < 2 ** 31) return
  throw new RestartManagerError('INVALID_ARGUMENT', `${name} is ${String(value)}; wanted milliseconds from 0 to 2^31-1`)
}

/** Errors: UNSUPPORTED_PLATFORM. */
export function assertPlatform(): void {
  if (process.platform !== 'linux') {
    throw new RestartManagerError(
      'UNSUPPORTED_PLATFORM',
      `This system is ${process.platform}; the Restart Manager needs Linux`,
    )
  }
  if (showsOwnProcesses()) return
  throw new RestartManagerError('UNSUPPORTED_PLATFORM', 'Nobody can be told apart here: /proc shows other processes', {
    hint: 'Mount the one of this PID namespace: mount -t proc proc /proc (unshare --mount-proc does)',
  })
}
