import { procFailure } from '../linux/proc-error.ts'
import { readCredentials } from '../linux/process-details.ts'
import { livingThread } from '../linux/process-files.ts'
import { hasEnded, readProcessStat, type ProcessStat } from '../linux/process-stat.ts'
import { effectiveUser } from '../linux/users.ts'
import { sameProcess, type FileUse, type UninspectedProcess } from '../model/index.ts'
import { Findings } from './findings.ts'

/** What one process adds to a detection. */
export interface Inspection {
  uses: FileUse[]
  /** Null where all of it could be looked at. */
  uninspected: UninspectedProcess | null
}

/** Looks at one process. `thread`: one of it that still runs; under its id `/proc` shows what all threads share. */
export type Look = (process: ProcessStat, thread: number, findings: Findings) => Generator<void, void>

/**
 * Has `look` look at the process that has `pid`. Its identity is read before and after: what was seen of a process that has ended
 * meanwhile, or whose pid went to another, is dropped, and the pid is looked at once more. Null where there is nothing to say.
 */
export function* inspectProcess(pid: number, look: Look): Generator<void, Inspection | null> {
  for (let attempts = 2; attempts > 0; attempts -= 1) {
    const before = readProcessStat(pid)
    if (!before || before.kernelThread || hasEnded(before)) return null
    const findings = new Findings()
    yield* look(before, viewOf(before), findings)
    if (findings.isEmpty) return null
    const after = readProcessStat(pid)
    if (!after || hasEnded(after)) return null
    if (!sameProcess(before.identity, after.identity)) continue
    if (!findings.vanished || attempts === 1) return report(after, findings)
  }
  return null
}

/** Where its files show: under its pid, or under a thread's id when the first thread has ended. */
function viewOf(stat: ProcessStat): number {
  const { pid } = stat.identity
  return stat.state === 'Z' || stat.state === 'X' ? (livingThread(pid) ?? pid) : pid
}

function report(stat: ProcessStat, findings: Findings): Inspection {
  const { identity: process, name } = stat
  const { refusal } = findings
  const uninspected = refusal ? { process, name, reason: reasonOf(process.pid, refusal) } : null
  return { uses: findings.uses(process), uninspected }
}

/** For a person: whose process it is, or what the kernel said where that explains nothing. */
function reasonOf(pid: number, error: Error): string {
  if (procFailure(error) !== 'refused') return `it could not be looked at: ${error.message}`
  const caller = effectiveUser()
  const owner = readCredentials(pid)?.uid
  if (caller !== 0 && owner !== undefined && owner !== caller) return `belongs to user ${owner}`
  return `the kernel does not let it be looked at (${(error as NodeJS.ErrnoException).code ?? error.message})`
}
