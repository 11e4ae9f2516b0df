import { isDeepStrictEqual } from 'node:util'
import { mayRunScripts } from '../detection/scripts/interpreters.ts'
import { readLink, readProcessStatus } from '../linux/process-details.ts'
import { readChildren } from '../linux/process-tree.ts'
import { isShell } from '../linux/shells.ts'
import { readFactsOf, type ProcessFacts } from './process-facts.ts'

/**
 * Sorts processes that belong to no service into applications: a process, and those beneath it that run the same program
 * (a master and its workers) or that its script has started, and the parts of a pipeline. Answers the groups, each with its
 * topmost process first. `apart`: pids that are never put together with others (the installer's own). Yields after each.
 */
export function* groupProcesses(
  processes: ProcessFacts[],
  apart: ReadonlySet<number>,
): Generator<void, ProcessFacts[][]> {
  const family = new Family(processes, apart)
  const groupOf = new Map<number, ProcessFacts[]>()
  for (const facts of processes) {
    const { pid } = facts.identity
    if (!groupOf.has(pid)) {
      const top = family.topOf(facts)
      const group = groupOf.get(top.identity.pid) ?? (yield* family.withOthers(top))
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

/** Who is whose parent, child and neighbour among the processes there are. */
class Family {
  /** Those that were asked about. */
  readonly #asked: ReadonlySet<number>
  readonly #known: Map<number, ProcessFacts | null>
  readonly #apart: ReadonlySet<number>

  constructor(processes: ProcessFacts[], apart: ReadonlySet<number>) {
    this.#asked = new Set(processes.map(({ identity }) => identity.pid))
    this.#known = new Map(processes.map((facts) => [facts.identity.pid, facts]))
    this.#apart = apart
  }

  /** The topmost process that it belongs together with; of a pipeline the first. */
  topOf(facts: ProcessFacts): ProcessFacts {
    let top = facts
    for (;;) {
      const parent = this.#factsOf(top.stat.parent)
      if (!parent || !this.#belongTogether(top, parent) || this.#isLetBe(parent, top)) {
        return this.#pipeline(top, parent)[0] ?? top
      }
      top = parent
    }
  }

  /**
   * A script, or one of the same interpreter that runs another, has nothing to do with what its child uses, unless it was asked
   * about itself: it ends when the child does, or goes on.
   */
  #isLetBe(parent: ProcessFacts, child: ProcessFacts): boolean {
    if (this.#asked.has(parent.identity.pid)) return false
    if (!runSameProgram(child, parent)) return true
    return mayRunScripts(parent.executable ?? '') && !runSameScript(child, parent)
  }

  /** It, the rest of its pipeline, and all that belong to them. */
  *withOthers(top: ProcessFacts): Generator<void, ProcessFacts[]> {
    const group = this.#pipeline(top, this.#factsOf(top.stat.parent))
    for (const member of group) {
      for (const pid of readChildren(member.identity.pid)) {
        const child = this.#factsOf(pid)
        if (child && this.#belongTogether(child, member)) group.push(child)
        yield
      }
    }
    return group
  }

  /**
   * What a shell has started as one command line, its first part first. An interactive shell gives it a process group of its
   * own (setpgid(2)); the parts of a script's are in the group of the script, and tied by their pipes.
   */
  #pipeline(one: ProcessFacts, shell: ProcessFacts | null): ProcessFacts[] {
    const { processGroup, session } = one.stat
    if (!shell || !runsShell(shell) || processGroup === 0 || session !== shell.stat.session) return [one]
    const siblings = readChildren(shell.identity.pid)
      .map((pid) => this.#factsOf(pid))
      .filter((facts) => facts !== null)
      .filter((facts) => facts.stat.processGroup === processGroup && !this.#isApart(facts))
    const isJob = processGroup !== shell.stat.processGroup
    const parts = siblings.includes(one) && !isJob ? tiedByPipes(one, siblings) : siblings
    return parts.includes(one) ? parts : [one]
  }

  #belongTogether(child: ProcessFacts, parent: ProcessFacts): boolean {
    if (this.#isApart(child) || this.#isApart(parent) || child.controlGroup !== parent.controlGroup) return false
    return runSameProgram(child, parent) || this.#isPartOfScript(child, parent)
  }

  /**
   * A script's commands are in the process group of the script (credentials(7)), and so is what these start in turn, where the
   * script itself was asked about. What is to outlive it (nohup) is no part of it.
   */
  #isPartOfScript(child: ProcessFacts, parent: ProcessFacts): boolean {
    const { processGroup } = child.stat
    // 0: the group's leader is outside this PID namespace.
    if (processGroup === 0 || processGroup !== parent.stat.processGroup) return false
    // Else a window manager takes along all that was started from it, as a script started the session.
    const ofLeader = this.#asked.has(processGroup) && runsShell(this.#factsOf(processGroup))
    if (!runsShell(parent) && !ofLeader) return false
    return !ignoresHangup(child) || ignoresHangup(parent)
  }

  #isApart({ identity }: ProcessFacts): boolean {
    return this.#apart.has(identity.pid)
  }

  #factsOf(pid: number): ProcessFacts | null {
    let facts = this.#known.get(pid)
    if (facts === undefined) {
      facts = readFactsOf(pid)
      this.#known.set(pid, facts)
    }
    return facts
  }
}

/** An interpreter is no program yet: only one that was forked, or that stays in the process group of its parent, counts as the same. */
function runSameProgram(child: ProcessFacts, parent: ProcessFacts): boolean {
  if (child.executable === null || child.executable !== parent.executable || runsShell(child)) return false
  if (child.stat.onlyForked || !mayRunScripts(child.executable)) return true
  return child.stat.processGroup === parent.stat.processGroup
}

/**
 * Of two that run the same interpreter. One that was forked may show another command line all the same (setproctitle), and
 * Python's multiprocessing has workers that are not forked but told by `-c` what to do (start methods spawn and forkserver).
 */
function runSameScript(child: ProcessFacts, parent: ProcessFacts): boolean {
  if (child.stat.onlyForked || child.command.some((argument) => argument.startsWith('from multiprocessing.')))
    return true
  return isDeepStrictEqual(child.command.slice(1), parent.command.slice(1))
}

function runsShell(facts: ProcessFacts | null): boolean {
  return facts !== null && isShell(facts.executable, facts.command)
}

function ignoresHangup({ identity }: ProcessFacts): boolean {
  return readProcessStatus(identity.pid)?.ignoresHangup ?? false
}

/** Those that read what another of them writes, in the order given. */
function tiedByPipes(one: ProcessFacts, others: ProcessFacts[]): ProcessFacts[] {
  const ends = others.map((facts) => {
    const links = ['fd/0', 'fd/1'].map((link) => readLink(facts.identity.pid, link))
    return { facts, pipes: links.filter((link) => link?.startsWith('pipe:')) }
  })
  const tied = new Set([one])
  const reached = new Set(ends.find(({ facts }) => facts === one)?.pipes)
  for (let size = 0; size < tied.size;) {
    size = tied.size
    for (const { facts, pipes } of ends) {
      if (!pipes.some((pipe) => reached.has(pipe))) continue
      tied.add(facts)
      for (const pipe of pipes) reached.add(pipe)
    }
  }
  return others.filter((facts) => tied.has(facts))
}
