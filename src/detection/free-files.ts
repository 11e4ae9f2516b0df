import type { FileUse, RegisteredFile } from '../model/index.ts'
import { heldByUnknown } from './held-by-unknown.ts'
import { probeFiles, type ProbedFile } from './probe.ts'
import { runInSlices } from './slices.ts'
import type { TargetIndex } from './target-index.ts'
import type { DetectionTargets } from './targets.ts'

/** So many files without a use are probed where nobody asked for it: 0.15 s. */
const mostUnasked = 10_000

/** Whether every target is a file that its path names, and nobody has it open, mapped or running. */
export async function areFree(index: TargetIndex, signal?: AbortSignal): Promise<boolean> {
  if (index.hasDirectories || index.unreadable.length > 0) return false
  const files: ProbedFile[] = []
  for (const target of index.targets()) {
    if (target.replaced || target.handle !== null) return false
    files.push(target)
  }
  const { held, unknown } = await runInSlices(probeFiles(files), signal)
  return held.length === 0 && unknown.length === 0
}

/** Of files that nobody was found to hold. */
export interface HeldFiles {
  /** The paths of those that somebody holds whom no process shows. */
  heldByUnknown: string[]
  /** Uses that were found when some were looked for once more: by who came meanwhile. */
  uses: FileUse[]
}

/**
 * What of the registered files is held though none of `uses` holds it. `asked`: the caller wants it for however many files.
 * `usesOf` looks for the uses of some files once more.
 */
export async function heldWithoutUse(
  index: TargetIndex,
  { files, directories }: DetectionTargets,
  uses: FileUse[],
  usesOf: (files: RegisteredFile[]) => Promise<FileUse[]>,
  { asked, signal }: { asked: boolean; signal?: AbortSignal | undefined },
): Promise<HeldFiles> {
  const held = pathsHeldBy(uses)
  if (files.length - held.size > mostUnasked && !asked) return { heldByUnknown: [], uses: [] }
  const others = new Set([...held, ...directories.map(({ path }) => path)])
  const probed = await runInSlices(filesOfNow(index, others), signal)
  let found: FileUse[] = []
  const scanAgain = async (files: ProbedFile[]) => {
    found = await usesOf(files.map(({ path, dev, ino }) => ({ path, identity: { dev, ino, handle: null } })))
    return pathsHeldBy(found)
  }
  return { heldByUnknown: await heldByUnknown(probed, scanAgain, signal), uses: withoutKnown(found, uses) }
}

/** The files that the registered paths name now, but for those of `except`. */
function* filesOfNow(index: TargetIndex, except: ReadonlySet<string>): Generator<void, ProbedFile[]> {
  const files: ProbedFile[] = []
  for (const target of index.targets()) {
    if (!target.isDirectory && !target.replaced && target.handle === null && !except.has(target.path))
      files.push(target)
    yield
  }
  return files
}

function withoutKnown(found: FileUse[], known: FileUse[]): FileUse[] {
  const key = ({ process, path, as, replaced }: FileUse) =>
    `${process.pid} ${process.startTime} ${as} ${replaced} ${path}`
  const keys = new Set(found.length === 0 ? [] : known.map(key))
  return found.filter((use) => !keys.has(key(use)))
}

/** The paths whose file of now is held. A script that was read holds nothing, nor does a descriptor that only names its file. */
function pathsHeldBy(uses: FileUse[]): Set<string> {
  const holding = uses.filter(({ as, replaced, pathOnly }) => !replaced && as !== 'script' && !pathOnly)
  return new Set(holding.map(({ path }) => path))
}
