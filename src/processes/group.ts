import { hasEnded, isRunning, readProcessStat } from '../linux/process-stat.ts'
import { readAncestors } from '../linux/process-tree.ts'
import { listPids } from '../linux/processes.ts'
import type { ProcessIdentity } from '../model/index.ts'

/**
 * A process group has the pid of its leader for its number, and while the leader lives nobody else can have that number
 * (credentials(7)). So the leader has to be there before and after the look: else its pid may have become another's.
 */
export function groupOf(leader: ProcessIdentity): ProcessIdentity[] {
  if (!isRunning(leader)) return []
  const apart = new Set(readAncestors(process.pid))
  const members: ProcessIdentity[] = []
  for (const pid of listPids()) {
    const stat = readProcessStat(pid)
    if (stat?.processGroup === leader.pid && !hasEnded(stat) && !apart.has(pid)) members.push(stat.identity)
  }
  return isRunning(leader) ? members : []
}
