import { detectUses } from '../src/detection/index.ts'
import { inspectPath } from '../src/linux/inspect-path.ts'
import type { MappingReader } from '../src/linux/file-mapping.ts'
import { mapsTextReader } from '../src/linux/maps-text.ts'
import { listPids } from '../src/linux/processes.ts'
import { procmapQueryReader, procmapQueryWorks } from '../src/linux/procmap-query.ts'
import { median } from './measure.ts'

/** Medians of what runs inside one process, in milliseconds, by name. */
export async function measureInProcess(busyFile: string, rounds: number): Promise<Map<string, number>> {
  const files = [{ path: busyFile, identity: inspectPath(busyFile)?.identity ?? null }]
  const many = [
    ...files,
    ...Array.from({ length: 100_000 }, (_, index) => ({ path: '/etc/passwd', identity: fake(index) })),
  ]
  const parts: [string, () => unknown][] = [
    ['detectUses, 1 file', () => detectUses({ files, directories: [] })],
    ['detectUses, 100,000 files', () => detectUses({ files: many, directories: [] })],
    ['mappings as text', () => readAll(mapsTextReader())],
    ...(procmapQueryWorks()
      ? [['mappings by PROCMAP_QUERY', () => readAll(procmapQueryReader())] as [string, () => unknown]]
      : []),
  ]
  const medians = new Map<string, number>()
  for (const [name, part] of parts) {
    const times: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now()
      await part()
      times.push(performance.now() - start)
    }
    medians.set(name, median(times))
  }
  return medians
}

/** An inode that no file has: on a device that does not exist. */
function fake(index: number): { dev: bigint; ino: bigint; handle: null } {
  return { dev: 0n, ino: BigInt(10_000_000_000 + index), handle: null }
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
