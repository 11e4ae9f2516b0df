import { createMappingReader } from '../linux/mapping-reader.ts'
import { listPids } from '../linux/processes.ts'
import type { FileUse, UninspectedProcess } from '../model/index.ts'
import { inspectProcess } from './inspect-process.ts'
import { runInSlices } from './slices.ts'
import { indexTargets, type DetectionTargets } from './targets.ts'

/** Who uses the targets, and who could not be looked at: neither a user nor known not to be one. */
export interface Detection {
  uses: FileUse[]
  uninspected: UninspectedProcess[]
}

/**
 * Which processes run, map or hold open these files, or something beneath these directories, or have one of the latter for
 * working or root directory. Files are told by device and inode, so that it does not matter what they are called by now.
 * The caller is looked at like any other. Nobody is looked at where none of the paths names or named anything.
 * Rejects with CANCELLED when `signal` is aborted.
 */
export function detectUses(targets: DetectionTargets, options: { signal?: AbortSignal } = {}): Promise<Detection> {
  return runInSlices(detect(targets), options.signal)
}

function* detect(targets: DetectionTargets): Generator<void, Detection> {
  const detection: Detection = { uses: [], uninspected: [] }
  const index = yield* indexTargets(targets)
  if (index.isEmpty) return detection
  const scan = { index, mappings: createMappingReader() }
  for (const pid of listPids()) {
    const inspection = yield* inspectProcess(scan, pid)
    if (inspection) {
      for (const use of inspection.uses) detection.uses.push(use)
      if (inspection.uninspected) detection.uninspected.push(inspection.uninspected)
    }
    yield
  }
  return detection
}
