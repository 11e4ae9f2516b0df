import { readlinkSync } from 'node:fs'
import type { MappingReader } from '../../linux/file-mapping.ts'
import { fileNumber } from '../../linux/file-number.ts'
import { createMappingReader } from '../../linux/mapping-reader.ts'
import { magicLink } from '../../linux/process-files.ts'
import { listPids } from '../../linux/processes.ts'
import type { Detection } from '../detect-uses.ts'
import type { Findings } from '../findings.ts'
import { inspectAll } from '../inspect-all.ts'
import type { Look } from '../inspect-process.ts'
import { runInSlices } from '../slices.ts'
import { StaleScripts } from './stale-scripts.ts'
import { Worlds } from './world.ts'

/** So many mappings are looked at between two yields: well under a millisecond. */
const stride = 64

/**
 * Which processes of this machine use programs, libraries and scripts that have been replaced or removed since they were
 * started. Code that is mapped is told by what the kernel and the path say of the very file; what never was a file of an installation (memory files,
 * shared memory, what drivers map, temporary files) does not count. Of scripts nothing is held: there time stamps decide
 * (`StaleScripts`). Rejects with CANCELLED when `signal` is aborted.
 */
export async function detectStale(signal?: AbortSignal): Promise<Detection> {
  const look = lookForStale(createMappingReader(), new Worlds(), new StaleScripts())
  return { ...(await runInSlices(inspectAll(listPids(), look), signal)), unreadable: [], heldByUnknown: [] }
}

function lookForStale(mappings: MappingReader, worlds: Worlds, scripts: StaleScripts): Look {
  return function* (process, thread, findings) {
    try {
      yield* lookAtCode(mappings, worlds, thread, findings)
      const executable = readlinkSync(magicLink(thread, 'exe'))
      yield* scripts.look(process.identity.startTime, thread, executable, findings)
    } catch (error) {
      findings.note(error)
    }
  }
}

function* lookAtCode(
  mappings: MappingReader,
  worlds: Worlds,
  thread: number,
  findings: Findings,
): Generator<void, void> {
  const program = fileNumber(magicLink(thread, 'exe'))
  const world = worlds.of(thread)
  let count = 0
  for (const mapping of mappings.read(thread, 'executable')) {
    const isProgram = mapping.ino === program?.ino
    const path = world.outdated(thread, mapping, isProgram)
    if (path !== null) findings.add([{ path, replaced: true }], isProgram ? 'executable' : 'mapped')
    if (++count % stride === 0) yield
  }
}
