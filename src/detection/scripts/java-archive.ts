import { constants, inflateRawSync } from 'node:zlib'

const localHeader = 0x04034b50
const deflated = 8
const headerLength = 30
const longestManifest = 64 * 1024

/** So much of the start of an archive is enough to find its manifest, which comes first (JAR File Specification). */
export const archiveStart = 128 * 1024

/** The archives that an archive's manifest adds to the class path, relative to it. None where there is no manifest at its start. */
export function manifestClassPath(start: Buffer): string[] {
  const manifest = findManifest(start)
  // A line goes on in the next one that begins with a space.
  const line = /^Class-Path:(.*)$/im.exec(manifest?.replace(/\r?\n /g, '') ?? '')?.[1]
  return line?.trim().split(/\s+/).filter(Boolean) ?? []
}

/** By the first local header with its name (APPNOTE.TXT 4.3.7); how long an entry is may be told only behind it. */
function findManifest(start: Buffer): string | null {
  const name = start.indexOf('META-INF/MANIFEST.MF', 0, 'latin1')
  const header = name - headerLength
  if (header < 0 || start.readUInt32LE(header) !== localHeader) return null
  const length = start.readUInt32LE(header + 18)
  const content = name + start.readUInt16LE(header + 26) + start.readUInt16LE(header + 28)
  if (start.readUInt16LE(header + 8) === deflated) return inflate(start.subarray(content))
  return start.toString('latin1', content, content + Math.min(length, longestManifest))
}

function inflate(content: Buffer): string | null {
  try {
    const options = { maxOutputLength: longestManifest, finishFlush: constants.Z_SYNC_FLUSH }
    return inflateRawSync(content, options).toString('latin1')
  } catch {
    return null
  }
}
