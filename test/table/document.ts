import { parts } from './case.ts'
import { tools, type Cell, type Table, type Tool, type Verdict } from './cell.ts'

/** What the run ran on: `Linux 6.18`, `fuser 23.6`. */
export interface Surroundings {
  date: string
  versions: string[]
}

/** The table as Markdown. */
export function documentOf(table: Table, { date, versions }: Surroundings): string {
  const groups = Map.groupBy(table.cells, (cell) => `${cell.fileSystem}, ${asWhom(cell)}`)
  return [
    '# Who uses a file: the whole table',
    'Written by `npm run table`. The same cases, without fuser and lsof, are a test that fails on every miss and ' +
      'every false alarm of ours (`test/processes/uses-table.test.ts`).',
    `${date}: ${versions.join(', ')}.`,
    howToRead,
    '## In short',
    markdownTable(
      ['where', 'cells', ...tools.flatMap((tool) => [`${tool}: missed`, 'false alarms', 'not to be asked'])],
      [...groups, ['all', table.cells] as const].map(([name, cells]) => summaryRow(name, cells)),
    ),
    '## What this does not show',
    notCovered,
    ...list('Gaps of ours that this run confirmed:', gapsIn(table.cells)),
    ...list('Not to be had on the machine of this run:', table.skipped),
    ...[...groups].flatMap(([name, cells]) => [`## ${upper(name)}`, ...parts.flatMap((part) => partOf(part, cells))]),
  ].join('\n\n')
}

const howToRead = `Every cell is a real process that uses a file in one way in one place, or does not. What is right is known because
the process was told what to do, not because a tool says so. Columns say what a tool, asked about the registered path, answers:

| word | meaning |
| --- | --- |
| found | all processes that use the file, and no others |
| nobody | no process, which is right |
| missed | a process that uses the file is not named |
| could not look | a process of the case is among those that could not be looked at, completely or in part |
| false alarm | a process that does not use it is named |
| wrong kind | the right processes, not with the uses they have (only restart-manager is asked how a file is used) |
| – | the tool has no way to be asked this |
| impossible | the file system does not do this |

restart-manager is asked for all cells of a file system at once, as by an installer that has registered the files before it
changes them; fuser and lsof once a cell after the change, as \`fuser PATH\` and \`lsof -f PATH\` (\`lsof +D PATH\` for
directories). That is why they miss what was renamed over: they can only be asked about what the path names now. As a user means
that both the process and the one who looks belong to the same user, without any right of root's. As root, restart-manager is asked
twice, with the help of the kernel (BPF) and without: a cell says \`found\` where both are right.`

const notCovered = `- **What was read and closed.** It holds nothing open and leaves no trace in the kernel. Programs of interpreters are found by
  their command line and by what their sources import ([how](decisions/2026-11-22-scripts.md)); configuration files are not.
- **What no process shows**: a descriptor on its way through a socket, files of io_uring, loop devices, swap, NFS clients.
- **Old content behind a mapping on overlayfs.** A file that is first opened for writing is copied to the upper layer. Who had it
  mapped keeps the old content, under the same inode number: it is found, and not marked as \`replaced\`. A descriptor that was
  open reads the new content.
- **The layers of an overlay by themselves.** A file of the lower layer and the same file seen through the overlay are two files for
  the kernel: maps, fstat and map_files show the overlay's device and inode since Linux 6.7 or so, and who has one of them is no
  user of the other, though both read the same data until it is copied up.
- Other kernels, other file systems (NFS, FUSE, ZFS, bcachefs), other machines' processes.`

function summaryRow(name: string, cells: Cell[]): string[] {
  const asked = cells.filter((cell) => cell.impossible === null)
  return [name, String(asked.length), ...tools.flatMap((tool) => figures(asked, tool))]
}

/** What counts as a miss in the figures. */
const missing: Verdict[] = ['missed', 'missed, false alarm', 'could not look', 'wrong kind']

function figures(cells: Cell[], tool: Tool): string[] {
  const verdicts = cells.map((cell) => cell.verdicts[tool])
  const count = (which: (verdict: Verdict | null) => boolean) => String(verdicts.filter(which).length)
  return [
    count((verdict) => verdict !== null && missing.includes(verdict)),
    count((verdict) => verdict?.includes('false alarm') === true),
    count((verdict) => verdict === null),
  ]
}

function partOf(part: string, cells: Cell[]): string[] {
  const rows = cells.filter((cell) => cell.part === part)
  if (rows.length === 0) return []
  return [
    `### ${part}`,
    markdownTable(
      ['', 'right', ...tools],
      rows.map((cell) => [cell.name, cell.expected.join(', '), ...tools.map((tool) => wordFor(cell, tool))]),
    ),
  ]
}

function wordFor(cell: Cell, tool: Tool): string {
  if (cell.impossible !== null) return 'impossible'
  const verdict = cell.verdicts[tool]
  if (verdict === null) return '–'
  if (verdict === 'right') return cell.expected.length === 0 ? 'nobody' : 'found'
  return `**${verdict}**`
}

function gapsIn(cells: Cell[]): string[] {
  const gaps = Map.groupBy(
    cells.filter((cell) => cell.gap !== null),
    (cell) => cell.gap ?? '',
  )
  return Array.from(gaps, ([gap, which]) => `${gap} (${which.length} cells)`)
}

function list(title: string, items: string[]): string[] {
  return items.length === 0 ? [] : [title, items.map((item) => `- ${item}`).join('\n')]
}

function markdownTable(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(escape).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|')
}

function asWhom({ role }: Cell): string {
  return role === 'root' ? 'as root' : 'as a user'
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
