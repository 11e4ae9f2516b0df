import { readCommand, readControlGroup, readExecutable, readProcessStatus } from '../linux/process-details.ts'
import { hasEnded, isRunning, readProcessStat } from '../linux/process-stat.ts'
import { readAncestors, readChildren } from '../linux/process-tree.ts'
import { isShell } from '../linux/shells.ts'
import type { ProcessIdentity } from '../model/index.ts'

/**
 * What a program has started, itself or through others, in the process group that it leads and in its control group: everything
 * where it is a script, but for what is to outlive it (nohup); else what runs the same program. The group has the pid of its
 * leader for its number, and while the leader lives nobody else can have that number (credentials(7)). So the leader has to be
 * there before and after the look: else its pid may have become another's.
 */
export function groupOf(leader: ProcessIdentity): ProcessIdentity[] {
  const stat = readProcessStat(leader.pid)
  if (!isRunning(leader) || stat?.processGroup !== leader.pid) return []
  const executable = readExecutable(leader.pid)
  const controlGroup = readControlGroup(leader.pid)
  const isScript = isShell(executable, readCommand(leader.pid) ?? [])
  const livesOn = ignoresHangup(leader.pid)
  const isPart = (pid: number) => {
    if (readControlGroup(pid) !== controlGroup) return false
    return isScript ? livesOn || !ignoresHangup(pid) : executable !== null && readExecutable(pid) === executable
  }
  const apart = new Set(readAncestors(process.pid))
  const members = apart.has(leader.pid) ? [] : [leader]
  const looked = [leader.pid]
  for (const parent of looked) {
    for (const pid of readChildren(parent)) {
      const child = readProcessStat(pid)
      if (child?.processGroup !== leader.pid || hasEnded(child) || apart.has(pid) || !isPart(pid)) continue
      members.push(child.identity)
      looked.push(pid)
    }
  }
  return isRunning(leader) ? members : []
}

function ignoresHangup(pid: number): boolean {
  return readProcessStatus(pid)?.ignoresHangup ?? false
}
