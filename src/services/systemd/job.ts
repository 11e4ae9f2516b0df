import { RestartManagerError } from '../../errors/index.ts'
import type { Bus, Signal } from './bus.ts'
import { ConnectionLost, Refusal } from './bus-errors.ts'
import { cancelJob, queueJob, type JobMode, type JobVerb } from './manager.ts'

/** Node.js fires a timer at once that is set for longer. */
const longestTimerMs = 2 ** 31 - 1

/** How a job ended: `done`, `failed`, `canceled`, `timeout`, `dependency`, `skipped`, ... (org.freedesktop.systemd1(5), JobRemoved). */
export type JobResult = string

/** What was asked for; it outlives a connection. */
export interface Order {
  name: string
  timeoutMs: number
  /** Milliseconds of performance.now(). */
  deadline: number
  signal: AbortSignal | undefined
  /** When it was asked for, in milliseconds since 1970: what the journal says from then on tells why it failed. */
  begun: number
  /** The units besides the service itself whose journals tell why it failed. */
  blamed: string[]
}

export type Limits = Pick<Order, 'deadline' | 'signal'>

/**
 * The jobs of one operation. Their ends are collected from when it was made: the signal of an end may come before the
 * answer that names the job.
 */
export class Jobs implements Disposable {
  readonly #bus: Bus
  readonly #ends = new Map<string, JobResult>()
  readonly #waiting = new Map<string, Set<(result: JobResult) => void>>()
  readonly #stopListening: () => void

  constructor(bus: Bus) {
    this.#bus = bus
    this.#stopListening = bus.listen((signal) => this.#hear(signal))
  }

  /** Puts a job in the queue and answers its object path. Rejects with Refusal where the manager does not take it. */
  async queue(verb: JobVerb, name: string, mode: JobMode = 'replace'): Promise<string> {
    return await queueJob(this.#bus, verb, name, mode)
  }

  /**
   * The result of a job; null where it has none at `deadline` (milliseconds of performance.now()). Rejects with CANCELLED
   * when `signal` fires and with ConnectionLost when the connection breaks.
   */
  async endOf(job: string, { deadline, signal }: Limits): Promise<JobResult | null> {
    throwIfCancelled(signal)
    const known = this.#ends.get(job)
    if (known !== undefined) return known
    const { promise, resolve, reject } = Promise.withResolvers<JobResult | null>()
    const remaining = Math.min(Math.max(0, deadline - performance.now()), longestTimerMs)
    const timer = setTimeout(() => resolve(null), remaining)
    const abort = (): void => reject(cancelled(signal))
    signal?.addEventListener('abort', abort, { once: true })
    const waiting = this.#waiting.get(job) ?? new Set()
    this.#waiting.set(job, waiting.add(resolve))
    try {
      return await this.#bus.whileHeld(() => promise)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      waiting.delete(resolve)
    }
  }

  /** Takes back a job that is not waited for any longer, as far as it can be. It may have ended meanwhile, or the connection. */
  async takeBack(job: string): Promise<void> {
    try {
      await cancelJob(this.#bus, job)
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof ConnectionLost)) throw error
    }
  }

  [Symbol.dispose](): void {
    this.#stopListening()
  }

  #hear({ member, body }: Signal): void {
    if (member !== 'JobRemoved') return
    const [, job, , result] = body as [id: number, job: string, unit: string, result: string]
    this.#ends.set(job, result)
    for (const resolve of this.#waiting.get(job) ?? []) resolve(result)
  }
}

/** Rejects what was asked for with CANCELLED where `signal` has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal)
}

function cancelled(signal: AbortSignal | undefined): RestartManagerError {
  return new RestartManagerError('CANCELLED', 'The wait for systemd was cancelled', { cause: signal?.reason })
}
