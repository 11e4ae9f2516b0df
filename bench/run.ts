// How long finding the users of one file takes: as a whole command beside its peers, and inside a process beside a C program
// that makes only the calls that are needed. `run.ts --write` keeps what it prints in docs/benchmarks.md.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { availableParallelism, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startCrowd } from './crowd.ts'
import { Floor } from './floor.ts'
import type { InProcess } from './in-process.ts'
import { isInstalled, measure, type Command } from './measure.ts'
import { Report } from './report.ts'

const rounds = 11
const fewRounds = 5
const sizes = [100, 1000, 5000]
const manyFiles = 100_000
/** As a user runs it: built. */
const program = fileURLToPath(new URL('../dist/cli/restartctl.js', import.meta.url))

using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-bench-'))
const busyFile = join(folder.path, 'busy')
writeFileSync(busyFile, '')
const many = join(folder.path, 'many')
makeFiles(many, manyFiles)
const floor = new Floor(folder.path)
const report = new Report()
report.text(
  `Linux ${release()}, ${availableParallelism()} processors, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}, ` +
    `${process.getuid?.() === 0 ? 'as root' : 'as a user'}. Each process maps what a Python interpreter maps that has imported much.`,
)

const growth: Record<string, number[]> = {}
for (const size of sizes) {
  await using crowd = await startCrowd(size, busyFile)
  if (size === 1000) {
    wholeCommands(crowd.count)
    insideAProcess(crowd.count)
  }
  const [{ medians, mostMemory }, c] = [inProcess(fewRounds), floor.measure(busyFile, fewRounds)]
  const [own = 0] = Object.values(measured([restartctl()], fewRounds))
  growth[`${size} processes`] = [
    own,
    medians['1 file'] ?? 0,
    medians['1 file, the kernel not asked'] ?? 0,
    c,
    mostMemory,
  ]
}
report.heading('Growth')
report.table(
  ['', 'restartctl list, ms', 'inside a process, ms', 'the kernel not asked, ms', 'C, ms', 'most memory, MiB'],
  Object.entries(growth).map(([name, values]) => [name, ...values.map((value) => value.toFixed(0))]),
)
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
  const medians = measured([restartctl(), ...installed], rounds)
  const own = medians[restartctl().name] ?? NaN
  report.table(
    ['command', 'median, ms', 'restartctl takes of it'],
    Object.entries(medians).map(([name, value]) => [name, value.toFixed(0), (own / value).toFixed(2)]),
  )
}

function insideAProcess(processes: number): void {
  report.heading(`Inside a process, ${processes} processes`)
  const c = floor.measure(busyFile, rounds)
  const { medians, mostMemory } = inProcess(fewRounds)
  report.table(
    ['', 'median, ms', 'times the C program'],
    [['C program, only the calls that are needed', c], ...Object.entries(medians)].map(([name, value]) => [
      String(name),
      Number(value).toFixed(0),
      (Number(value) / c).toFixed(2),
    ]),
  )
  report.text(`Most memory in use: ${mostMemory.toFixed(0)} MiB.`)
}

function restartctl(): Command {
  return { name: 'restartctl list FILE', command: [process.execPath, program, 'list', busyFile] }
}

function measured(commands: Command[], times: number): Record<string, number> {
  return Object.fromEntries(measure(commands, times))
}

/** In a process of its own, so that its memory is its own. */
function inProcess(times: number): InProcess {
  const script = fileURLToPath(new URL('in-process.ts', import.meta.url))
  const command = ['--disable-warning=ExperimentalWarning', script, busyFile, many, String(times)]
  return JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' })) as InProcess
}

function makeFiles(directory: string, count: number): void {
  const perDirectory = 100
  for (let first = 0; first < count; first += perDirectory) {
    const subdirectory = join(directory, String(first))
    mkdirSync(subdirectory, { recursive: true })
    for (let file = 0; file < perDirectory; file += 1) writeFileSync(join(subdirectory, String(file)), '')
  }
}
