import { fileNumber } from '../../linux/file-number.ts'
import type { MappingReader } from '../../linux/file-mapping.ts'
import { createMappingReader } from '../../linux/mapping-reader.ts'
import { magicLink } from '../../linux/process-files.ts'
import { listPids } from '../../linux/processes.ts'
import type { Detection } from '../detect-uses.ts'
import { inspectAll } from '../inspect-all.ts'
import type { Look } from '../inspect-process.ts'
import { runInSlices } from '../slices.ts'
import { Worlds } from './world.ts'

/**
 * Which processes of this machine use programs and libraries that have been replaced or removed since they were started:
 * those that hold code whose path, as they see it themselves, now names another file or none. Told by device and inode; what
 * never was a file of an installation (memory files, shared memory, what drivers map, temporary files) does not count.
 * Rejects with CANCELLED when `signal` is aborted.
 */
export async function detectStale(signal?: AbortSignal): Promise<Detection> {
  const look = lookForStale(createMappingReader(), new Worlds())
  return { ...(await runInSlices(inspectAll(listPids(), look), signal)), unreadable: [], heldByUnknown: [] }
}

function lookForStale(mappings: MappingReader, worlds: Worlds): Look {
  return function* (_process, thread, findings) {
    try {
      const world = worlds.of(thread)
      const program = fileNumber(magicLink(thread, 'exe'))
      for (const mapping of mappings.read(thread, 'executable')) {
        const file = world.outdated(thread, mapping)
        if (file) findings.add([file], mapping.ino === program?.ino ? 'executable' : 'mapped')
      }
      yield
    } catch (error) {
      findings.note(error)
    }
  }
}
