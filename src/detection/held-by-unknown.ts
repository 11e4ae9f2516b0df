import { setTimeout as pause } from 'node:timers/promises'
import { probeFiles, type ProbedFile } from './probe.ts'
import { runInSlices } from './slices.ts'

/** Milliseconds between the probes of a file that is held: who only reads it has closed it by then. */
const pauses = [2, 8, 32, 128]

/**
 * The paths of the files that are held although no use of them was found. `unused` are those without a use; `scanAgain`
 * looks for the uses of some of them once more and answers the paths that are used. A file is named only where it was held
 * at every look, before and after that scan: whoever came and went is no holder. Rejects with CANCELLED.
 */
export async function heldByUnknown(
  unused: readonly ProbedFile[],
  scanAgain: (files: ProbedFile[]) => Promise<ReadonlySet<string>>,
  signal?: AbortSignal,
): Promise<string[]> {
  let held = await heldOf(unused, signal)
  for (const milliseconds of pauses) {
    if (held.length === 0) return []
    // Where that is cancelled, the next look says so.
    await pause(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined)
    held = await heldOf(held, signal)
  }
  if (held.length === 0) return []
  const used = await scanAgain(held)
  const left = await heldOf(
    held.filter(({ path }) => !used.has(path)),
    signal,
  )
  return left.map(({ path }) => path)
}

async function heldOf(files: readonly ProbedFile[], signal?: AbortSignal): Promise<ProbedFile[]> {
  return (await runInSlices(probeFiles(files), signal)).held
}
