import { RestartManagerError } from '../errors/index.ts'

/** Where in a file; both count from 1. */
export interface Position {
  line: number
  column: number
}

/** A policy that cannot be used: POLICY_INVALID. `what`: what is, and what was wanted. */
export function policyError(file: string, what: string, at?: Position, cause?: unknown): RestartManagerError {
  const place = at ? `${file}:${at.line}:${at.column}` : file
  return new RestartManagerError('POLICY_INVALID', `Cannot use the policy: ${place}: ${what}`, {
    hint: 'Mend it, then look whether it is understood: restartctl doctor',
    ...(cause === undefined ? {} : { cause }),
  })
}
