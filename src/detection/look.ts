import { fileNumber } from '../linux/file-number.ts'
import type { MappingReader } from '../linux/file-mapping.ts'
import { procFailure } from '../linux/proc-error.ts'
import { listDescriptors, magicLink, type MagicLink } from '../linux/process-files.ts'
import type { UseKind } from '../model/index.ts'
import type { Findings } from './findings.ts'
import { targetsBehindLink, targetsMapped } from './matching.ts'
import type { TargetIndex } from './target-index.ts'

export interface Scan {
  index: TargetIndex
  mappings: MappingReader
}

/** So many descriptors or mappings are looked at between two yields: well under a millisecond. */
const stride = 256

/**
 * Everything one process has, one part after the other, so that one that is refused does not hide the others. `pid` may be
 * the id of a thread. Working and root directory matter only where directories are looked for.
 */
export function* lookAtProcess(scan: Scan, pid: number, findings: Findings): Generator<void, void> {
  attempt(findings, () => lookAtLink(scan, pid, 'exe', 'executable', findings))
  if (scan.index.hasDirectories) {
    attempt(findings, () => lookAtLink(scan, pid, 'cwd', 'working-directory', findings))
    attempt(findings, () => lookAtLink(scan, pid, 'root', 'root-directory', findings))
  }
  try {
    yield* lookAtDescriptors(scan, pid, findings)
  } catch (error) {
    findings.note(error)
  }
  try {
    yield* lookAtMappings(scan, pid, findings)
  } catch (error) {
    findings.note(error)
  }
}

/** A descriptor behind which a file system is dead does not end the look at the others; one that is refused does, as all will be. */
function* lookAtDescriptors(scan: Scan, pid: number, findings: Findings): Generator<void, void> {
  let count = 0
  for (const descriptor of listDescriptors(pid)) {
    try {
      lookAtLink(scan, pid, `fd/${descriptor}`, 'open', findings)
    } catch (error) {
      if (procFailure(error) !== 'failed') throw error
      findings.note(error)
    }
    if (++count % stride === 0) yield
  }
}

function* lookAtMappings(scan: Scan, pid: number, findings: Findings): Generator<void, void> {
  let count = 0
  for (const mapping of scan.mappings.read(pid)) {
    if (scan.index.candidates(mapping.ino)) findings.add(targetsMapped(scan.index, pid, mapping), 'mapped')
    if (++count % stride === 0) yield
  }
}

function lookAtLink(scan: Scan, pid: number, name: MagicLink, kind: UseKind, findings: Findings): void {
  const link = magicLink(pid, name)
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
