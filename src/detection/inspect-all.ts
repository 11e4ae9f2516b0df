import { hiddenProcesses } from '../linux/capabilities.ts'
import type { FileUse, UninspectedProcess } from '../model/index.ts'
import { inspectProcess, type Look } from './inspect-process.ts'

/** Who uses what was looked for. */
export interface Inspections {
  uses: FileUse[]
  /** Who could not be looked at: neither a user nor known not to be one. */
  uninspected: UninspectedProcess[]
}

/** Has `look` look at each of these processes. */
export function* inspectAll(pids: Iterable<number>, look: Look): Generator<void, Inspections> {
  const found: Inspections = { uses: [], uninspected: unseen() }
  for (const pid of pids) {
    const inspection = yield* inspectProcess(pid, look)
    if (inspection) {
      for (const use of inspection.uses) found.uses.push(use)
      if (inspection.uninspected) found.uninspected.push(inspection.uninspected)
    }
    yield
  }
  return found
}

/** What `/proc` does not even list: one row for all of them, with the pid 0. */
function unseen(): UninspectedProcess[] {
  const hidepid = hiddenProcesses()
  if (hidepid === null) return []
  const process = { pid: 0, startTime: 0n }
  const reason = `the processes of other users are hidden from this one (hidepid=${hidepid})`
  return [{ process, name: 'all that are hidden', reason }]
}
