import type { ProcessIdentity } from './process.ts'

/** Exactly one of the three. */
export type FilterTarget = { executable: string } | { process: ProcessIdentity } | { service: string }

export const filterActions = ['no-restart', 'no-shutdown'] as const
/** `no-restart`: may be stopped, is not started again. `no-shutdown`: neither stopped nor started. */
export type FilterAction = (typeof filterActions)[number]

export interface Filter {
  target: FilterTarget
  action: FilterAction
}
