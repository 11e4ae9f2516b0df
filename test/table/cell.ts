import type { Part } from './case.ts'

export type Role = 'root' | 'user'
export const tools = ['restart-manager', 'fuser', 'lsof'] as const
export type Tool = (typeof tools)[number]

/**
 * What a tool said in one case: a user that it does not name is missed, a process that it names and that is none a false alarm.
 * `could not look`: it says so of a process of the case; should it be a user, that it may have been missed is at least told.
 */
export type Verdict = 'right' | 'could not look' | 'missed' | 'false alarm' | 'missed, false alarm' | 'wrong kind'

/** One case on one file system with the eyes of one user. */
export interface Cell {
  fileSystem: string
  role: Role
  part: Part
  name: string
  /** Uses that are right, of all holders together. */
  expected: string[]
  /** Uses that restart-manager found. */
  found: string[]
  /** Null where a tool cannot be asked this, or was not asked. */
  verdicts: Record<Tool, Verdict | null>
  /** Why the case could not be had here; null where it was. */
  impossible: string | null
  /** Why restart-manager is known not to be right here; null where it has to be. */
  gap: string | null
}

export interface Table {
  cells: Cell[]
  /** What this machine does not allow, and why. */
  skipped: string[]
}
