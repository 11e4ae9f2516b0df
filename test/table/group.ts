import { Holders, type Step } from '../support/holders.ts'
import { allCases } from './all-cases.ts'
import type { Arrangement, Case, HolderPlan } from './case.ts'
import type { Cell, Role, Verdict } from './cell.ts'
import { gapIn } from './gaps.ts'
import type { FileSystem } from './file-systems.ts'
import type { Looker, Seen } from './looking.ts'
import { Stage } from './stage.ts'
import { askFuser, askLsof } from './tools.ts'

/** The cases of one file system with the eyes of one user, prepared; the file system is not sealed yet. */
export interface Group {
  system: FileSystem
  role: Role
  prepared: Prepared[]
  /** What takes root, where there is none. */
  left: string[]
}

interface Prepared {
  case: Case
  arrangement: Arrangement
  /** Pids, with the uses that are right for each. */
  holders: { pid: number; uses: string[] }[]
}

export interface GroupOptions {
  looker: Looker
  /** Whom holders and tools run as; null: whoever runs this. */
  user: number | null
  /** Whether fuser and lsof are asked, too. */
  others: boolean
}

/** Makes the files of all cases that can be had on this file system. */
export function prepareGroup(system: FileSystem, role: Role, user: number): Group {
  const mayMount = process.getuid?.() === 0
  const group: Group = { system, role, prepared: [], left: [] }
  for (const [number, each] of allCases.entries()) {
    if (each.overlay !== undefined && each.overlay !== system.overlay) continue
    const arrangement = each.arrange(new Stage(system, `${role}/${number}`, user))
    if (mayMount || !takesRoot(arrangement)) group.prepared.push({ case: each, arrangement, holders: [] })
    else group.left.push(each.name)
  }
  return group
}

/** Starts the holders, changes the files, looks. The file system is sealed. */
export async function runGroup(group: Group, options: GroupOptions): Promise<Cell[]> {
  await using holders = new Holders()
  const { looker } = options
  for (const { arrangement } of group.prepared) arrangement.prepare?.()
  await register(group, looker, (arrangement) => !arrangement.registeredLate)
  await start(group, holders, options, 'before')
  for (const { arrangement } of group.prepared) arrangement.change?.()
  await register(group, looker, (arrangement) => arrangement.registeredLate === true)
  await start(group, holders, options, 'after')
  const looks = await looker.look()
  const cells = group.prepared.map((each) => worst(looks.map((seen) => cellOf(group, each, seen))))
  if (options.others) await askOthers(group, cells, options)
  return cells
}

async function register(group: Group, looker: Looker, which: (arrangement: Arrangement) => boolean): Promise<void> {
  const arrangements = group.prepared.map(({ arrangement }) => arrangement).filter(which)
  const paths = (isDirectory: boolean) =>
    arrangements
      .filter((arrangement) => (arrangement.isDirectory === true) === isDirectory)
      .map(({ registered }) => registered)
  await looker.register(paths(false), paths(true))
}

async function start(group: Group, holders: Holders, { user }: GroupOptions, when: 'before' | 'after'): Promise<void> {
  for (const each of group.prepared) {
    for (const [number, plan] of (each.arrangement[when] ?? []).entries()) {
      const pid = await holders.tell(`${each.case.name} ${when} ${number}`, stepsOf(plan, user))
      each.holders.push({ pid, uses: plan.uses })
    }
  }
}

function stepsOf({ asRoot = [], steps }: HolderPlan, user: number | null): Step[] {
  return [...asRoot, ...(user === null ? [] : [['become', user] satisfies Step]), ...steps]
}

function takesRoot({ mounts, before = [], after = [] }: Arrangement): boolean {
  return mounts === true || [...before, ...after].some(({ asRoot }) => asRoot !== undefined)
}

function cellOf({ system, role }: Group, { case: each, arrangement, holders }: Prepared, seen: Seen): Cell {
  const uses = seen.uses.filter(({ path }) => path === arrangement.registered)
  const byHolder = holders.map(({ pid }) => uses.filter((use) => use.process.pid === pid).map(describeUse))
  const verdict = judge(holders, pidsOf(uses), pidsOf(seen.uninspected))
  const kindsAreRight = holders.every((holder, index) => sameTexts(holder.uses, byHolder[index] ?? []))
  return {
    fileSystem: system.name,
    role,
    part: each.part,
    name: each.name,
    expected: holders.flatMap((holder) => holder.uses),
    found: uses.map(describeUse),
    verdicts: {
      'restart-manager': verdict === 'right' && !kindsAreRight ? 'wrong kind' : verdict,
      fuser: null,
      lsof: null,
    },
    impossible: arrangement.impossible?.() ?? null,
    gap: gapIn(system, role, each.name),
  }
}

/** Of several looks at the same thing the first that is not right. */
function worst(cells: Cell[]): Cell {
  const cell = cells.find(({ verdicts }) => verdicts['restart-manager'] !== 'right') ?? cells[0]
  if (!cell) throw new Error('Nobody looked')
  return cell
}

/** `open`, `open path`, `mapped replaced` */
function describeUse({ as, pathOnly, replaced }: Seen['uses'][number]): string {
  return [as, ...(pathOnly === true ? ['path'] : []), ...(replaced ? ['replaced'] : [])].join(' ')
}

/** `uninspected`: those that the tool says it could not look at. */
function judge(holders: Prepared['holders'], found: number[], uninspected: number[] = []): Verdict {
  const users = holders.filter(({ uses }) => uses.length > 0).map(({ pid }) => pid)
  const missed = users.filter((pid) => !found.includes(pid))
  const alarm = found.some((pid) => !users.includes(pid))
  if (missed.some((pid) => !uninspected.includes(pid))) return alarm ? 'missed, false alarm' : 'missed'
  if (alarm) return 'false alarm'
  return holders.some(({ pid }) => uninspected.includes(pid)) ? 'could not look' : 'right'
}

function sameTexts(one: string[], other: string[]): boolean {
  return one.toSorted().join() === other.toSorted().join()
}

/** Two at a time, for two processors. */
async function askOthers(group: Group, cells: Cell[], { user }: GroupOptions): Promise<void> {
  const entries = group.prepared.entries()
  const work = async (): Promise<void> => {
    for (const [index, { case: each, arrangement, holders }] of entries) {
      const cell = cells[index]
      if (!cell || cell.impossible !== null) continue
      const { registered, isDirectory = false } = arrangement
      if (each.notForFuser === undefined) cell.verdicts.fuser = judge(holders, await askFuser(registered, user))
      cell.verdicts.lsof = judge(holders, await askLsof(registered, isDirectory, user))
    }
  }
  await Promise.all([work(), work()])
}

function pidsOf(rows: { process: { pid: number } }[]): number[] {
  return rows.map(({ process }) => process.pid)
}
