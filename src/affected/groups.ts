import { readChildren } from '../linux/process-tree.ts'
import { readFactsOf, type ProcessFacts } from './process-facts.ts'

/**
 * Sorts processes that belong to no service into applications: a process, and those beneath it that run the same program
 * (a master and its workers) or are in the same process group (what a script has started). An interactive shell gives what
 * it starts a group of its own, so that it stays another application. Answers the groups, each with its topmost process
 * first. `apart`: pids that are never put together with others (the installer's own). Yields after each.
 */
export function* groupProcesses(
  processes: ProcessFacts[],
  apart: ReadonlySet<number>,
): Generator<void, ProcessFacts[][]> {
  const known = new Map(processes.map((facts) => [facts.identity.pid, facts]))
  const groupOf = new Map<number, ProcessFacts[]>()
  for (const facts of processes) {
    const { pid } = facts.identity
    if (!groupOf.has(pid)) {
      const top = topmost(facts, known, apart)
      const group = groupOf.get(top.identity.pid) ?? (yield* withChildren(top, known, apart))
      // It takes in those that were found before and lie beneath it, with others between them.
      for (const member of group) groupOf.set(member.identity.pid, group)
      if (!groupOf.has(pid)) {
        group.push(facts)
        groupOf.set(pid, group)
      }
    }
    yield
  }
  return [...new Set(groupOf.values())]
}

function topmost(facts: ProcessFacts, known: Map<number, ProcessFacts>, apart: ReadonlySet<number>): ProcessFacts {
  let top = facts
  for (;;) {
    const parent = known.get(top.stat.parent)
    if (!parent || !belongTogether(top, parent) || apart.has(top.identity.pid) || apart.has(parent.identity.pid))
      return top
    top = parent
  }
}

function* withChildren(
  top: ProcessFacts,
  known: Map<number, ProcessFacts>,
  apart: ReadonlySet<number>,
): Generator<void, ProcessFacts[]> {
  const group = [top]
  for (const member of group) {
    for (const pid of readChildren(member.identity.pid)) {
      const child = apart.has(pid) ? null : (known.get(pid) ?? readFactsOf(pid))
      if (child && belongTogether(child, member)) group.push(child)
      yield
    }
  }
  return group
}

function belongTogether(child: ProcessFacts, parent: ProcessFacts): boolean {
  // 0: the group's leader is outside this PID namespace.
  const { processGroup } = child.stat
  if (processGroup !== 0 && processGroup === parent.stat.processGroup) return true
  return child.executable !== null && child.executable === parent.executable
}
