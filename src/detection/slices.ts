import { RestartManagerError } from '../errors/index.ts'

/** Milliseconds of work between two turns of the event loop, by all who work at the same time together. */
const sliceMs = 25

/** When the slice that is being worked in is over, by performance.now(). */
let end = 0

/** Who waits for a slice, in order. */
const waiting: (() => void)[] = []

/**
 * Runs `work` to its end without keeping the event loop for longer than a slice: between two yields of it others may have
 * their turn. What is run right after it, or beside it, shares its slice. Rejects with CANCELLED when `signal` is aborted,
 * after `work` has cleaned up; and with what `work` throws.
 */
export async function runInSlices<Result>(work: Generator<void, Result>, signal?: AbortSignal): Promise<Result> {
  for (;;) {
    if (!signal?.aborted && performance.now() >= end) await nextSlice()
    if (signal?.aborted) {
      work.return(undefined as never)
      throw cancelled(signal)
    }
    do {
      const step = work.next()
      if (step.done) return step.value
    } while (performance.now() < end)
  }
}

/** Why looking for the users of files ended. */
function cancelled(signal: AbortSignal): RestartManagerError {
  return new RestartManagerError('CANCELLED', 'Looking for the users of files was cancelled', { cause: signal.reason })
}

/** Gives others their turn, and a slice after it: one slice a turn of the event loop, in the order in which they were asked for. */
export function nextSlice(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(startSlice)
  })
}

function startSlice(): void {
  const start = waiting.shift()
  if (waiting.length > 0) setImmediate(startSlice)
  end = performance.now() + sliceMs
  start?.()
}
