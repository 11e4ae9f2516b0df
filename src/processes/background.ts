import { realpathSync } from 'node:fs'
import { readCredentials, readExecutable } from '../linux/process-details.ts'
import { hasEnded, readProcessStat } from '../linux/process-stat.ts'
import { listPids } from '../linux/processes.ts'
import type { ProcessIdentity } from '../model/index.ts'
import type { ProcessRestartRecord } from './process-manager.ts'

/**
 * The process in which a program goes on that was started as `first` and has gone into the background (daemon(3)): forked since,
 * of the same program file and user, and left to a process that runs something else. Null where there is none.
 */
export function findInBackground(
  { executable, uid }: ProcessRestartRecord,
  first: ProcessIdentity,
): ProcessIdentity | null {
  const file = realpathSync(executable)
  for (const pid of listPids()) {
    const stat = readProcessStat(pid)
    if (!stat?.onlyForked || hasEnded(stat) || stat.identity.startTime < first.startTime) continue
    if (readExecutable(pid) !== file || readExecutable(stat.parent) === file) continue
    if (readCredentials(pid)?.uid === uid) return stat.identity
  }
  return null
}
