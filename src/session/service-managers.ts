import { effectiveUser, loggedInUsers } from '../linux/users.ts'
import { createSystemd } from '../services/index.ts'
import type { ServiceManager } from '../services/service-manager.ts'

/**
 * The service managers that the caller may ask, the one that is asked first first: for root the machine's and those of the
 * users who have one, for others their own and the machine's. None is reached before it is asked.
 */
export function openServiceManagers(): ServiceManager[] {
  const system = createSystemd('system')
  if (effectiveUser() !== 0) return [createSystemd('user'), system]
  return [system, ...loggedInUsers().map((uid) => createSystemd({ uid }))]
}
