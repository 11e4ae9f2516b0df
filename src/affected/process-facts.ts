import { readCommand, readControlGroup, readExecutable, readProcessStatus } from '../linux/process-details.ts'
import { hasEnded, readProcessStat, type ProcessStat } from '../linux/process-stat.ts'
import { sameProcess, type ProcessIdentity } from '../model/index.ts'

/** What the affected list needs to know of one process. */
export interface ProcessFacts {
  stat: ProcessStat
  identity: ProcessIdentity
  uid: number
  executable: string | null
  command: string[]
  controlGroup: string | null
  /** It is the first process of a PID namespace, this machine's or a container's. */
  firstOfNamespace: boolean
}

/** Null where the process has ended, or its pid is another's by now. */
export function readFacts(identity: ProcessIdentity): ProcessFacts | null {
  const facts = readFactsOf(identity.pid)
  return facts && sameProcess(facts.identity, identity) ? facts : null
}

/** The facts of whoever has this pid now. */
export function readFactsOf(pid: number): ProcessFacts | null {
  const stat = readProcessStat(pid)
  if (!stat || stat.kernelThread || hasEnded(stat)) return null
  const status = readProcessStatus(pid)
  return {
    stat,
    identity: stat.identity,
    uid: status?.credentials.uid ?? -1,
    executable: readExecutable(pid),
    command: readCommand(pid) ?? [],
    controlGroup: readControlGroup(pid),
    firstOfNamespace: pid === 1 || status?.isNamespaceInit === true,
  }
}
