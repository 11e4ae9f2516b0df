import { fileNumber } from '../linux/file-number.ts'
import type { MappingReader } from '../linux/file-mapping.ts'
import { shareDescriptors, shareDirectories } from '../linux/kcmp.ts'
import { procFailure } from '../linux/proc-error.ts'
import {
  hasThreadEnded,
  listDescriptors,
  listThreads,
  magicLink,
  onlyNames,
  type MagicLink,
} from '../linux/process-files.ts'
import type { UseKind } from '../model/index.ts'
import type { Findings } from './findings.ts'
import type { Look } from './inspect-process.ts'
import { targetsBehindLink, targetsMapped } from './matching.ts'
import type { TargetIndex } from './target-index.ts'

export interface Scan {
  index: TargetIndex
  mappings: MappingReader
}

/** So many descriptors, mappings or threads are looked at between two yields: well under a millisecond. */
export const stride = 256

/**
 * Looks for everything one process has, one part after the other, so that one that is refused does not hide the others.
 * Working and root directory matter only where directories are looked for.
 */
export function lookFor(scan: Scan): Look {
  return function* (process, thread, findings) {
    attempt(findings, () => lookAtLink(scan, thread, 'exe', 'executable', findings))
    lookAtDirectories(scan, thread, findings)
    yield* lookAtDescriptors(scan, thread, findings)
    yield* lookAtMappings(scan, thread, findings)
    if (process.threads > 1) yield* lookAtOthers(scan, process.identity.pid, thread, findings)
  }
}

/** What the other threads have for themselves: their own descriptors, their own directories (unshare(2)). */
function* lookAtOthers(scan: Scan, pid: number, thread: number, findings: Findings): Generator<void, void> {
  let count = 0
  try {
    for (const other of listThreads(pid)) {
      if (++count % stride === 0) yield
      if (other === thread) continue
      const ownDirectories = scan.index.hasDirectories && !shareDirectories(thread, other)
      const ownDescriptors = !shareDescriptors(thread, other)
      // One that has ended shares nothing any more, and has nothing.
      if (!(ownDirectories || ownDescriptors) || hasThreadEnded(other)) continue
      if (ownDirectories) lookAtDirectories(scan, other, findings)
      if (ownDescriptors) yield* lookAtDescriptors(scan, other, findings)
    }
  } catch (error) {
    findings.note(error)
  }
}

function lookAtDirectories(scan: Scan, thread: number, findings: Findings): void {
  if (!scan.index.hasDirectories) return
  attempt(findings, () => lookAtLink(scan, thread, 'cwd', 'working-directory', findings))
  attempt(findings, () => lookAtLink(scan, thread, 'root', 'root-directory', findings))
}

/** A descriptor behind which a file system is dead does not end the look at the others; one that is refused does, as all will be. */
function* lookAtDescriptors(scan: Scan, thread: number, findings: Findings): Generator<void, void> {
  let count = 0
  try {
    for (const descriptor of listDescriptors(thread)) {
      try {
        lookAtDescriptor(scan, thread, descriptor, findings)
      } catch (error) {
        if (procFailure(error) === 'refused') throw error
        findings.note(error)
      }
      if (++count % stride === 0) yield
    }
  } catch (error) {
    findings.note(error)
  }
}

function lookAtDescriptor({ index }: Scan, thread: number, descriptor: string, findings: Findings): void {
  const link = magicLink(thread, `fd/${descriptor}`)
  const file = fileNumber(link)
  if (!file || !index.candidates(file.ino)) return
  const targets = targetsBehindLink(index, file, link)
  if (targets.length > 0) findings.add(targets, 'open', onlyNames(thread, descriptor))
}

function* lookAtMappings(scan: Scan, thread: number, findings: Findings): Generator<void, void> {
  let count = 0
  try {
    for (const mapping of scan.mappings.read(thread)) {
      if (scan.index.candidates(mapping.ino)) {
        attempt(findings, () => findings.add(targetsMapped(scan.index, thread, mapping), 'mapped'))
      }
      if (++count % stride === 0) yield
    }
  } catch (error) {
    findings.note(error)
  }
}

function lookAtLink(scan: Scan, thread: number, name: MagicLink, kind: UseKind, findings: Findings): void {
  const link = magicLink(thread, name)
  const file = fileNumber(link)
  if (file && scan.index.candidates(file.ino)) findings.add(targetsBehindLink(scan.index, file, link), kind)
}

function attempt(findings: Findings, look: () => void): void {
  try {
    look()
  } catch (error) {
    findings.note(error)
  }
}
