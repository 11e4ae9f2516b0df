import { RestartManagerError } from '../errors/index.ts'
import { hasEnded, isRunning, readProcessStat } from '../linux/process-stat.ts'
import type { ProcessIdentity } from '../model/index.ts'

/** Linux has no larger pid (PID_MAX_LIMIT, proc_sys_kernel(5)). */
const largestPid = 4_194_304

/**
 * Who has this pid now. Rejects with INVALID_ARGUMENT for what can be no pid, with PROCESS_NOT_FOUND where no process has it.
 */
export function identifyProcess(pid: number): ProcessIdentity {
  assertPid(pid)
  const identity = findProcess(pid)
  if (!identity) throw notFound(`No process has the pid ${pid}`)
  return identity
}

/** Null where no process has this pid. */
export function findProcess(pid: number): ProcessIdentity | null {
  const stat = readProcessStat(pid)
  return stat && !hasEnded(stat) ? stat.identity : null
}

/** The identity, checked: it has the right shape and names a process that runs. Errors as for `identifyProcess`. */
export function checkIdentity(identity: ProcessIdentity): ProcessIdentity {
  if (typeof identity !== 'object' || (identity as unknown) === null) {
    throw new RestartManagerError(
      'INVALID_ARGUMENT',
      `Not a process: ${JSON.stringify(identity)}; wanted a pid or an identity`,
      {
        hint: 'Take the identity from identifyProcess(pid)',
      },
    )
  }
  const { pid, startTime } = identity
  assertPid(pid)
  if (typeof startTime !== 'bigint' || startTime < 0n) {
    throw new RestartManagerError(
      'INVALID_ARGUMENT',
      `The start time of process ${pid} is no bigint: ${String(startTime)}`,
      {
        hint: 'Take the identity from identifyProcess(pid)',
      },
    )
  }
  if (!isRunning(identity)) throw notFound(`The process ${pid} that started at ${startTime} has ended`)
  return { pid, startTime }
}

function assertPid(pid: unknown): asserts pid is number {
  if (typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && pid <= largestPid) return
  throw new RestartManagerError(
    'INVALID_ARGUMENT',
    `Not a pid: ${String(pid)}; wanted a whole number from 1 to ${largestPid}`,
  )
}

function notFound(message: string): RestartManagerError {
  return new RestartManagerError('PROCESS_NOT_FOUND', message)
}
