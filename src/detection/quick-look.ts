import { fileNumber, type FileNumber } from '../linux/file-number.ts'
import { shareDescriptors, shareDirectories } from '../linux/kcmp.ts'
import { countThreads, hasDescriptors, listDescriptors, listThreads, magicLink } from '../linux/process-files.ts'
import { stride, type Scan } from './look.ts'

/**
 * Whether a process is worth a close look: it may use a target, or it could not be told. The cheapest checks come first, and
 * the first find ends it: nearly every process is dismissed here.
 */
export function* mayUse(scan: Scan, pid: number): Generator<void, boolean> {
  try {
    const program = fileNumber(magicLink(pid, 'exe'))
    const threads = countThreads(pid)
    // The kernel's own threads have no program; a process whose first thread has ended shows none; and one that is ending
    // gives up its memory, which may take a second, before it closes its files.
    if (!program) return threads > 1 || hasDescriptors(pid)
    if (isCandidate(scan, program) || directoriesAre(scan, pid)) return true
    if ((yield* descriptorsAre(scan, pid)) || (yield* mappingsAre(scan, pid))) return true
    return threads > 1 && (yield* otherThreads(scan, pid))
  } catch {
    return true
  }
}

/** Those that have descriptors or directories of their own. */
function* otherThreads(scan: Scan, pid: number): Generator<void, boolean> {
  let count = 0
  for (const thread of listThreads(pid)) {
    if (thread === pid) continue
    if (scan.index.hasDirectories && !shareDirectories(pid, thread) && directoriesAre(scan, thread)) return true
    if (!shareDescriptors(pid, thread) && (yield* descriptorsAre(scan, thread))) return true
    if (++count % stride === 0) yield
  }
  return false
}

function directoriesAre(scan: Scan, thread: number): boolean {
  if (!scan.index.hasDirectories) return false
  return (
    isCandidate(scan, fileNumber(magicLink(thread, 'cwd'))) || isCandidate(scan, fileNumber(magicLink(thread, 'root')))
  )
}

function* descriptorsAre(scan: Scan, thread: number): Generator<void, boolean> {
  let count = 0
  for (const descriptor of listDescriptors(thread)) {
    if (isCandidate(scan, fileNumber(magicLink(thread, `fd/${descriptor}`)))) return true
    if (++count % stride === 0) yield
  }
  return false
}

function* mappingsAre(scan: Scan, thread: number): Generator<void, boolean> {
  let count = 0
  for (const mapping of scan.mappings.read(thread)) {
    if (isCandidate(scan, mapping)) return true
    if (++count % stride === 0) yield
  }
  return false
}

function isCandidate({ index }: Scan, file: FileNumber | undefined): boolean {
  return file !== undefined && index.candidates(file.ino) !== undefined
}
