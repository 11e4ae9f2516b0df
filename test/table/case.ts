import type { Step } from '../support/holders.ts'
import type { Stage } from './stage.ts'

/** The parts of the table. */
export const parts = ['Uses of a file', 'Uses of a directory', 'Places and names', 'Layers of an overlay'] as const
export type Part = (typeof parts)[number]

/** A process of a case, and the uses that are right to find: `open`, `mapped replaced`. None: it is no user. */
export interface HolderPlan {
  /** What only root may do, as root whoever is looked for. */
  asRoot?: Step[]
  steps: Step[]
  uses: string[]
}

/** One file or directory that is registered, and what happens around it, in the order of the fields. */
export interface Arrangement {
  /** Once the file system is mounted. */
  prepare?: () => void
  registered: string
  isDirectory?: true
  /** It is registered after the change. */
  registeredLate?: true
  before?: HolderPlan[]
  change?: () => void
  after?: HolderPlan[]
  /** `prepare` or `change` mounts something. */
  mounts?: true
  /** Why it cannot be had here after all; null where it can. Asked after the change. */
  impossible?: () => string | null
}

export interface Case {
  part: Part
  name: string
  arrange: (stage: Stage) => Arrangement
  /** Only on an overlayfs, or only where there is none. */
  overlay?: boolean
  /** Why fuser has no way to ask this. */
  notForFuser?: string
}

/** The same holder whoever it is compared with: opens a file for reading, or maps it. */
export interface Hold {
  name: 'open' | 'mapped'
  steps: (path: string) => Step[]
  use: string
}

export const holds: Hold[] = [
  { name: 'open', steps: (path) => [['open', path, 'read']], use: 'open' },
  { name: 'mapped', steps: (path) => [['map', path, 'data']], use: 'mapped' },
]

/** A case for each hold. */
export function heldCases(
  part: Part,
  name: string,
  arrange: (stage: Stage, hold: Hold) => Arrangement,
  more: Pick<Case, 'overlay'> = {},
): Case[] {
  return holds.map((hold) => ({
    part,
    name: `${name}, ${hold.name}`,
    arrange: (stage) => arrange(stage, hold),
    ...more,
  }))
}
