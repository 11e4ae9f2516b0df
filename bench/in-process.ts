// in-process.ts FILE MANY ROUNDS: what detection takes inside a process that runs already. MANY is a directory of many files.
// Prints JSON: medians in milliseconds by name.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { detectUses } from '../src/detection/index.ts'
import { inspectAll } from '../src/detection/inspect-all.ts'
import { lookFor } from '../src/detection/look.ts'
import { runInSlices } from '../src/detection/slices.ts'
import { findSuspects, type Means } from '../src/detection/suspects.ts'
import type { TargetIndex } from '../src/detection/target-index.ts'
import { indexTargets, type DetectionTargets } from '../src/detection/targets.ts'
import { holdersFailure } from '../src/linux/bpf/holders.ts'
import type { MappingReader } from '../src/linux/file-mapping.ts'
import { inspectPath } from '../src/linux/inspect-path.ts'
import { createMappingReader } from '../src/linux/mapping-reader.ts'
import { mapsTextReader } from '../src/linux/maps-text.ts'
import { listPids } from '../src/linux/processes.ts'
import { procmapQueryReader, procmapQueryWorks } from '../src/linux/procmap-query.ts'
import type { RegisteredFile } from '../src/model/index.ts'
import { median } from './measure.ts'

const [busyFile = '', many = '', rounds = '1'] = process.argv.slice(2)
const one = targets([busyFile])
const all = targets([busyFile, ...filesBeneath(many)])
const parts: [string, () => unknown][] = [
  ['1 file', () => detectUses(one)],
  ['1 file, the kernel not asked', () => detectUses(one, { means: 'processes' })],
  ...scans('the look at the processes, 1 file', index(one)),
  ...scans(`the look at the processes, ${all.files.length} files`, index(all)),
  [`what ${all.files.length} paths name now`, () => index(all)],
  ['mappings as text', () => readAll(mapsTextReader())],
  ...(procmapQueryWorks() ? [part('mappings by PROCMAP_QUERY', () => readAll(procmapQueryReader()))] : []),
]
const medians: Record<string, number> = {}
for (const [name, run] of parts) medians[name] = await measured(run)
console.log(JSON.stringify(medians))

function targets(paths: string[]): DetectionTargets {
  const files: RegisteredFile[] = paths.map((path) => ({ path, identity: inspectPath(path)?.identity ?? null }))
  return { files, directories: [] }
}

function filesBeneath(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
}

function part(name: string, run: () => unknown): [string, () => unknown] {
  return [name, run]
}

/** By each means that this machine has. */
function scans(name: string, prepared: TargetIndex): [string, () => unknown][] {
  const means: Means[] = holdersFailure() ? ['processes'] : ['kernel', 'processes']
  return means.map((one) => [one === 'kernel' ? name : `${name}, the kernel not asked`, () => scan(prepared, one)])
}

async function scan(prepared: TargetIndex, means: Means): Promise<unknown> {
  const looked = { index: prepared, mappings: createMappingReader() }
  return runInSlices(inspectAll(await findSuspects(looked, means), lookFor(looked)))
}

function index(wanted: DetectionTargets): TargetIndex {
  const steps = indexTargets(wanted)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

function readAll(reader: MappingReader): number {
  let count = 0
  for (const pid of listPids()) {
    try {
      for (const mapping of reader.read(pid)) count += Math.sign(mapping.ino)
    } catch {
      // Ended meanwhile, or not to be looked at.
    }
  }
  return count
}

async function measured(run: () => unknown): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < Number(rounds); round += 1) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  return median(times)
}
