import type { FileMapping } from '../../linux/file-mapping.ts'
import { fileInRootOf, hasNoDisk, mappedFileItself, mappedPath, type ReachedFile } from '../../linux/mapped-file.ts'
import { pathFromBytes } from '../../text/index.ts'

/** What the kernel writes behind the name of a file that is not reached by it any more. */
const suffix = Buffer.from(' (deleted)')
/** Where programs put files that they remove at once, and mean to. */
const temporary = /^\/(tmp|var\/tmp|run|var\/run|dev)\//
/** A file that never had a name (O_TMPFILE, open(2)): the kernel shows its inode number. */
const nameless = /\/#\d+$/

/**
 * The path of a mapped file that is out of date, as the process sees it: the path now names another file or none. Null
 * where it still names the file. Only device and inode decide. What has gone without another in its place is no news where
 * temporary files are. Throws where the mapping has gone or may not be looked at.
 */
export function outdatedPath(pid: number, mapping: FileMapping): string | null {
  const shown = mappedPath(pid, mapping)
  const held = mappedFileItself(pid, mapping)
  // A file whose name really ends so still exists under the whole text.
  if (isHeld(fileInRootOf(pid, shown), held, mapping)) return null
  const path = shown.subarray(-suffix.length).equals(suffix) ? shown.subarray(0, -suffix.length) : shown
  const successor = fileInRootOf(pid, path)
  if (isHeld(successor, held, mapping)) return null
  const text = pathFromBytes(path)
  return successor || !(temporary.test(text) || nameless.test(text)) ? text : null
}

/** Whether that is the mapped file. Where the file itself may not be looked at, inode and device of the mapping decide. */
function isHeld(file: ReachedFile | null, held: ReachedFile | null, mapping: FileMapping): boolean {
  if (!file) return false
  if (held) return held.dev === file.dev && held.ino === file.ino
  return Number(file.ino) === mapping.ino && (Number(file.dev) === mapping.dev || hasNoDisk(mapping.dev))
}
