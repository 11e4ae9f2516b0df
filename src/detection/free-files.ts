import type { FileUse, RegisteredFile } from '../model/index.ts'
import { heldByUnknown } from './held-by-unknown.ts'
import { probeFiles, type ProbedFile } from './probe.ts'
import { runInSlices } from './slices.ts'
import type { TargetIndex } from './target-index.ts'

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

/**
 * The paths of registered files that are held though none of `uses` is of them. `asked`: the caller wants it for however many
 * files. `usesOf` looks for the uses of some files once more.
 */
export async function heldWithoutUse(
  index: TargetIndex,
  files: RegisteredFile[],
  uses: FileUse[],
  usesOf: (files: RegisteredFile[]) => Promise<FileUse[]>,
  { asked, signal }: { asked: boolean; signal?: AbortSignal | undefined },
): Promise<string[]> {
  const used = new Set(uses.map(({ path }) => path))
  if (files.length - used.size > mostUnasked && !asked) return []
  const unused = new Set(files.flatMap(({ path }) => (used.has(path) ? [] : [path])))
  const probed = [...index.targets()].filter(
    ({ path, replaced, handle }) => !replaced && handle === null && unused.has(path),
  )
  const scanAgain = async (files: ProbedFile[]) => {
    const registered = files.map(({ path, dev, ino }) => ({ path, identity: { dev, ino, handle: null } }))
    return new Set((await usesOf(registered)).map(({ path }) => path))
  }
  return heldByUnknown(probed, scanAgain, signal)
}
