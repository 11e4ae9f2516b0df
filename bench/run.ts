// How long finding the users of files takes: as a whole command beside its peers, and inside a process beside a C program that
// makes only the calls that are needed; and how long many services take to stop and start, beside systemctl. `run.ts --write`
// keeps what it prints in docs/benchmarks.md.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempDisposableSync, readdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startCrowd } from './crowd.ts'
import { Floor } from './floor.ts'
import { isInstalled, measure, memoryOf, type Command } from './measure.ts'
import { Report } from './report.ts'
import { reportServices } from './services.ts'

const rounds = 11
const fewRounds = 5
const sizes = [100, 1000, 5000]
const manyFiles = 100_000
/** As a user runs it: built. */
const program = fileURLToPath(new URL('../dist/cli/restartctl.js', import.meta.url))

using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-bench-'))
const busyFile = join(folder.path, 'busy')
writeFileSync(busyFile, 'busy\n')
const many = join(folder.path, 'many')
makeFiles(many, manyFiles)
const list = join(folder.path, 'list')
writeFileSync(list, [busyFile, ...filesBeneath(many)].join('\n'))
const one = restartctl('restartctl list FILE', busyFile)
const floor = new Floor(folder.path)
const report = new Report()
report.text(
  `Linux ${release()}, ${availableParallelism()} processors, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}, ` +
    `${process.getuid?.() === 0 ? 'as root' : 'as a user'}. Each process maps what a Python interpreter maps that has imported much.`,
)

const growth: string[][] = []
for (const size of sizes) {
  await using crowd = await startCrowd(size, busyFile)
  if (size === 1000) {
    wholeCommands(crowd.count)
    insideAProcess(crowd.count)
  }
  growth.push([`${size} processes`, ...growthOf()])
}
report.heading('Growth')
report.table(
  [
    '',
    'restartctl list FILE, ms',
    'most memory of it, MiB',
    'inside a process, ms',
    'the kernel not asked, ms',
    'C, ms',
  ],
  growth,
)
await reportServices(report)
report.finish(process.argv.includes('--write') ? 'benchmarks.md' : null)

function wholeCommands(processes: number): void {
  report.heading(`Whole commands, ${processes} processes, one busy file`)
  const peers: Command[] = [
    { name: 'fuser FILE', command: ['fuser', busyFile] },
    { name: 'lsof FILE', command: ['lsof', busyFile] },
    { name: 'needrestart -b -r l', command: ['needrestart', '-b', '-r', 'l'] },
  ]
  const installed = peers.filter(({ command: [name = ''] }) => isInstalled(name))
  for (const { name } of peers.filter((peer) => !installed.includes(peer))) {
    report.text(`Not installed, not measured: ${name}`)
  }
  const medians = measure([one, ...installed], rounds)
  const own = medians.get(one.name) ?? NaN
  report.table(
    ['command', 'median, ms', 'restartctl takes of it'],
    [...medians].map(([name, value]) => [name, value.toFixed(0), (own / value).toFixed(2)]),
  )
  const all = restartctl(`restartctl list of ${manyFiles + 1} files`, '--from-file', list)
  const time = measure([all], fewRounds).get(all.name) ?? NaN
  report.text(`${all.name}: ${time.toFixed(0)} ms, ${memoryOf(all.command).toFixed(0)} MiB.`)
}

function insideAProcess(processes: number): void {
  report.heading(`Inside a process, ${processes} processes`)
  const c = floor.measure(busyFile, rounds)
  const parts = [['C program, only the calls that are needed', c] as const, ...Object.entries(inProcess(fewRounds))]
  report.table(
    ['', 'median, ms', 'times the C program'],
    parts.map(([name, value]) => [name, value.toFixed(0), (value / c).toFixed(2)]),
  )
}

function growthOf(): string[] {
  const medians = inProcess(fewRounds)
  const own = measure([one], fewRounds).get(one.name)
  return [
    own,
    memoryOf(one.command),
    medians['1 file'],
    medians['1 file, the kernel not asked'],
    floor.measure(busyFile, fewRounds),
  ].map((value) => value?.toFixed(0) ?? '')
}

function restartctl(name: string, ...resources: string[]): Command {
  return { name, command: [process.execPath, program, 'list', ...resources] }
}

/** In a process of its own: nothing that this one does delays it. */
function inProcess(times: number): Record<string, number> {
  const script = fileURLToPath(new URL('in-process.ts', import.meta.url))
  const command = ['--disable-warning=ExperimentalWarning', script, busyFile, many, String(times)]
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' })) as Record<string, number>
}

function makeFiles(directory: string, count: number): void {
  const perDirectory = 100
  for (let first = 0; first < count; first += perDirectory) {
    const subdirectory = join(directory, String(first))
    mkdirSync(subdirectory, { recursive: true })
    for (let file = 0; file < perDirectory; file += 1) writeFileSync(join(subdirectory, String(file)), '')
  }
}

function filesBeneath(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map(({ parentPath, name }) => join(parentPath, name))
}
