import { createMappingReader } from '../linux/mapping-reader.ts'
import { allOf, type Probe, type RegisteredFile, type UnreadablePath } from '../model/index.ts'
import { areFree, heldWithoutUse } from './free-files.ts'
import { inspectAll, type Inspections } from './inspect-all.ts'
import type { Look } from './inspect-process.ts'
import { lookFor } from './look.ts'
import { ScriptLook } from './script-look.ts'
import { nextSlice, runInSlices } from './slices.ts'
import { findSuspects, type Means } from './suspects.ts'
import { indexTargets, type DetectionTargets } from './targets.ts'

export interface Detection extends Inspections {
  /** What of the targets could not be read, so that its users are missing. */
  unreadable: UnreadablePath[]
  /** The paths of registered files that somebody holds whom no process shows. */
  heldByUnknown: string[]
}

export interface DetectionOptions {
  signal?: AbortSignal
  /**
   * `after`: files for which no use was found are probed; what is held all the same is in `heldByUnknown`. `first`: no
   * process is looked at where the probe says that all are free; descriptors that only name a file (O_PATH) and scripts that
   * have been read are missed then. Without it: `after` for up to ten thousand files, `off` for more.
   */
  probe?: Probe
  /** How the processes are found that are worth a close look; by itself the faster way that this machine has. */
  means?: Means
}

/**
 * Which processes run, map or hold open these files, or something beneath these directories, or have one of the latter for
 * working or root directory; and which programs, by their command lines, consist of them (`script`). Files are told by device and inode, so that it does not matter what they are called by now.
 * The caller is looked at like any other. Nobody is looked at where none of the paths names or named anything.
 * Rejects with CANCELLED when `signal` is aborted.
 */
export async function detectUses(targets: DetectionTargets, options: DetectionOptions = {}): Promise<Detection> {
  const { signal, probe, means } = options
  const index = await runInSlices(indexTargets(targets), signal)
  const nothing = { uses: [], uninspected: [], unreadable: index.unreadable, heldByUnknown: [] }
  if (index.isEmpty || (probe === 'first' && (await areFree(index, signal)))) return nothing
  const scan = { index, mappings: createMappingReader() }
  const scripts = new ScriptLook(index, targets)
  // First the kernel is asked; while it looks, so do we.
  const looks = [
    findSuspects(scan, means, signal),
    nextSlice().then(() => runInSlices(scripts.suspects(), signal)),
  ] as const
  await allOf([...looks])
  const suspects = await looks[0]
  const look = lookFor(scan)
  const lookAll: Look = function* (process, thread, findings) {
    if (suspects.has(process.identity.pid)) yield* look(process, thread, findings)
    yield* scripts.look(process, thread, findings)
  }
  const found = await runInSlices(inspectAll(new Set([...suspects, ...(await looks[1])]), lookAll), signal)
  if (probe === 'off') return { ...nothing, ...found }
  const usesOf = async (files: RegisteredFile[]) =>
    (await detectUses({ files, directories: [] }, { ...options, probe: 'off' })).uses
  const asked = probe !== undefined
  const held = await heldWithoutUse(index, targets, found.uses, usesOf, { asked, signal })
  return { ...nothing, ...found, uses: [...found.uses, ...held.uses], heldByUnknown: held.heldByUnknown }
}
