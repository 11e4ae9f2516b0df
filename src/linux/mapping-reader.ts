import type { MappingReader } from './file-mapping.ts'
import { mapsTextReader } from './maps-text.ts'
import { procmapQueryReader, procmapQueryWorks } from './procmap-query.ts'

let queryWorks: boolean | undefined

/** The fastest reader of this machine: PROCMAP_QUERY (Linux 6.11, koffi), which takes a third of the time of the text. */
export function createMappingReader(): MappingReader {
  queryWorks ??= procmapQueryWorks()
  return queryWorks ? procmapQueryReader() : mapsTextReader()
}
