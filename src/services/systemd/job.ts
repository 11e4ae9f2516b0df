import { RestartManagerError } from '../../errors/index.ts'
import type { Bus } from './bus.ts'
import { ConnectionLost, Refusal } from './bus-errors.ts'
import { cancelJob, queueJob } from './manager.ts'
import type { Verb } from './outcome.ts'

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
}

/**
 * Queues a job and waits for its end; null where it has none in time. `overdue` is called at the deadline and answers a
 * later one. A job that is not waited for any longer is taken back, as far as it can be, except a start that is overdue:
 * that may still come up. Rejects with Refusal where the manager does not take the job, and with CANCELLED.
 */
export async function runJob(
  bus: Bus,
  verb: Verb,
  name: string,
  { deadline, signal }: Order,
  overdue: (() => Promise<number>) | null,
): Promise<JobResult | null> {
  using ends = new JobEnds(bus)
  throwIfCancelled(signal)
  const job = await queueJob(bus, verb, name)
  try {
    let result = await ends.endOf(job, deadline, signal)
    if (result === null && overdue) result = await ends.endOf(job, await overdue(), signal)
    if (result === null && verb === 'stop') await takeBack(bus, job)
    return result
  } catch (error) {
    if (signal?.aborted) await takeBack(bus, job)
    throw error
  }
}

/** The job may have ended meanwhile, or the connection: both are what was wanted. */
async function takeBack(bus: Bus, job: string): Promise<void> {
  try {
    await cancelJob(bus, job)
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof ConnectionLost)) throw error
  }
}

/** The ends of jobs, collected from when it was made: the signal of an end may come before the answer that names the job. */
class JobEnds implements Disposable {
  readonly #bus: Bus
  readonly #ends = new Map<string, JobResult>()
  readonly #waiting = new Map<string, (result: JobResult) => void>()
  readonly #stopListening: () => void

  constructor(bus: Bus) {
    this.#bus = bus
    this.#stopListening = bus.listen(({ member, body }) => {
      if (member !== 'JobRemoved') return
      const [, job, , result] = body as [id: number, job: string, unit: string, result: string]
      this.#ends.set(job, result)
      this.#waiting.get(job)?.(result)
    })
  }

  /**
   * The result of a job; null where it has none at `deadline` (milliseconds of performance.now()). Rejects with CANCELLED
   * when `signal` fires and with ConnectionLost when the connection breaks.
   */
  async endOf(job: string, deadline: number, signal: AbortSignal | undefined): Promise<JobResult | null> {
    throwIfCancelled(signal)
    const known = this.#ends.get(job)
    if (known !== undefined) return known
    const { promise, resolve, reject } = Promise.withResolvers<JobResult | null>()
    const remaining = Math.min(Math.max(0, deadline - performance.now()), longestTimerMs)
    const timer = setTimeout(() => resolve(null), remaining)
    const abort = (): void => reject(cancelled(signal))
    signal?.addEventListener('abort', abort, { once: true })
    this.#waiting.set(job, resolve)
    try {
      return await this.#bus.whileHeld(() => promise)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      this.#waiting.delete(job)
    }
  }

  [Symbol.dispose](): void {
    this.#stopListening()
  }
}

/** Rejects what was asked for with CANCELLED where `signal` has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal)
}

function cancelled(signal: AbortSignal | undefined): RestartManagerError {
  return new RestartManagerError('CANCELLED', 'The wait for systemd was cancelled', { cause: signal?.reason })
}
