import { fileNumber, type FileNumber } from '../linux/file-number.ts'
import { shareDescriptors, shareDirectories } from '../linux/kcmp.ts'
import { countThreads, listDescriptors, listThreads, magicLink } from '../linux/process-files.ts'
import type { Scan } from './look.ts'

/**
 * Whether a process is worth a close look: it may use a target, or it could not be told. The cheapest checks come first, and
 * the first find ends it: nearly every process is dismissed here.
 */
export function mayUse(scan: Scan, pid: number): boolean {
  try {
    const program = fileNumber(magicLink(pid, 'exe'))
    const threads = countThreads(pid)
    // The kernel's own threads have no program, nor has what has ended; a process whose first thread has ended shows none.
    if (!program) return threads > 1
    return (
      isCandidate(scan, program) ||
      directoriesAre(scan, pid) ||
      descriptorsAre(scan, pid) ||
      mappingsAre(scan, pid) ||
      (threads > 1 && otherThreads(scan, pid))
    )
  } catch {
    return true
  }
}

/** Those that have descriptors or directories of their own. */
function otherThreads(scan: Scan, pid: number): boolean {
  return listThreads(pid).some(
    (thread) =>
      thread !== pid &&
      ((!shareDirectories(pid, thread) && directoriesAre(scan, thread)) ||
        (!shareDescriptors(pid, thread) && descriptorsAre(scan, thread))),
  )
}

function directoriesAre(scan: Scan, thread: number): boolean {
  if (!scan.index.hasDirectories) return false
  return (
    isCandidate(scan, fileNumber(magicLink(thread, 'cwd'))) || isCandidate(scan, fileNumber(magicLink(thread, 'root')))
  )
}

function descriptorsAre(scan: Scan, thread: number): boolean {
  return listDescriptors(thread).some((descriptor) =>
    isCandidate(scan, fileNumber(magicLink(thread, `fd/${descriptor}`))),
  )
}

function mappingsAre(scan: Scan, thread: number): boolean {
  for (const mapping of scan.mappings.read(thread)) if (isCandidate(scan, mapping)) return true
  return false
}

function isCandidate({ index }: Scan, file: FileNumber | undefined): boolean {
  return file !== undefined && index.candidates(file.ino) !== undefined
}
