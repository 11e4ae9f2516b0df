import type { FileMapping } from '../../linux/file-mapping.ts'
import { hasNoDisk, mappedFileItself, type ReachedFile } from '../../linux/mapped-file.ts'

/** What the kernel writes behind the name of a file that has lost it (d_path, proc_pid_maps(5)). */
export const goneMark = ' (deleted)'
/** Where programs put files that they remove at once, and mean to, and where nothing is installed. */
const temporary = /^(\/var)?\/(tmp|run)\/|^\/dev\//
/** A file that never had a name (O_TMPFILE, open(2)): the kernel shows its inode number. */
const nameless = /\/#\d+$/
/** Others are made for one process, which removes them: orcexec.Xa1B2c, jna123.tmp. */
const library = /\.so(\.|$)/

/** Whether an installation may have put a file there. */
export function mayBeInstalled(path: string): boolean {
  return !temporary.test(path) && !nameless.test(path)
}

/** Whether it is news that a mapped file has gone without another in its place. */
export function matters(path: string, isProgram: boolean): boolean {
  return isProgram || library.test(path)
}

/** Whether `file` is the one that is mapped. Where that may not be looked at, inode and device of the mapping decide. */
export function isMapped(pid: number, mapping: FileMapping, file: ReachedFile): boolean {
  const itself = mappedFileItself(pid, mapping)
  if (itself) return itself.dev === file.dev && itself.ino === file.ino
  return Number(file.ino) === mapping.ino && (Number(file.dev) === mapping.dev || hasNoDisk(mapping.dev))
}
