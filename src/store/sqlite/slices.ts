import { setImmediate } from 'node:timers/promises'

/** About 10 ms of work a slice. */
const sliceLength = 2000

/** Does `work` to all items, a slice at a time; the event loop runs between them. */
export async function inSlices<T>(items: readonly T[], work: (slice: T[]) => void): Promise<void> {
  for (let start = 0; start < items.length; start += sliceLength) {
    if (start > 0) await setImmediate()
    work(items.slice(start, start + sliceLength))
  }
}

/** All items that `next` has, slice after slice: it gets the last item so far and how many to answer at most. */
export async function collectSlices<T>(next: (last: T | undefined, limit: number) => T[]): Promise<T[]> {
  const slices: T[][] = []
  for (let last: T | undefined; ; last = slices.at(-1)?.at(-1)) {
    if (slices.length > 0) await setImmediate()
    const slice = next(last, sliceLength)
    slices.push(slice)
    if (slice.length < sliceLength) return slices.flat()
  }
}
