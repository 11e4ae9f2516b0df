import { RestartManagerError } from '../errors/index.ts'

/** Milliseconds of work between two turns of the event loop. */
const sliceMs = 25

/**
 * Runs `work` to its end without keeping the event loop for longer than a slice: between two yields of it others may have
 * their turn. Rejects with CANCELLED when `signal` is aborted, after `work` has cleaned up; and with what `work` throws.
 */
export async function runInSlices<Result>(work: Generator<void, Result>, signal?: AbortSignal): Promise<Result> {
  for (;;) {
    if (signal?.aborted) {
      work.return(undefined as never)
      throw new RestartManagerError('CANCELLED', 'Looking for the users of files was cancelled', {
        cause: signal.reason,
      })
    }
    const end = performance.now() + sliceMs
    do {
      const step = work.next()
      if (step.done) return step.value
    } while (performance.now() < end)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
