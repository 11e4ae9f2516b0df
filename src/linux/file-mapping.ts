import { isExact, type FileNumber } from './file-number.ts'

/** A stretch of a process's memory that maps a file. Addresses end in zeros (pages), so that the numbers are exact. */
export interface FileMapping extends FileNumber {
  /** As the superblock has it: on overlayfs and btrfs not the device that stat(2) gives for the file. */
  dev: number
  ino: number
  start: number
  /** The first address behind it. */
  end: number
}

/** Which mappings: all of a file, or only those that hold code. */
export type MappingKind = 'any' | 'executable'

/** Reads what one process maps. Not to be used for two processes at a time: a reader has one buffer. */
export interface MappingReader {
  readonly means: 'PROCMAP_QUERY' | 'text'
  /**
   * In the order of the addresses, without what maps no file, and the segments of a file that follow one another once.
   * `kind` is `any` where it is left out. Every step yields the same object with new values. Throws the error of open(2) or
   * read(2): EACCES, ENOENT, and ESRCH where the process has given up its memory.
   */
  read(pid: number, kind?: MappingKind): Generator<FileMapping, void>
}

/** Two segments of one file, for certain: numbers that were rounded may be those of two files that lie side by side. */
export function sameFile(a: FileNumber, b: FileNumber): boolean {
  return a.ino === b.ino && a.dev === b.dev && isExact(a)
}
