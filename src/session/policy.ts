import { realPath } from '../linux/real-path.ts'
import { effectiveUser } from '../linux/users.ts'
import { readPolicy, type Policy } from '../policy/index.ts'

/** The administrator's policy as it is now: once for an operation. Errors: POLICY_INVALID, INVALID_ARGUMENT. */
export function currentPolicy(): Promise<Policy> {
  return readPolicy({ environment: process.env, user: effectiveUser(), realPath })
}
