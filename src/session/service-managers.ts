import { effectiveUser } from '../linux/users.ts'
import { createSystemd } from '../services/index.ts'
import type { ServiceManager } from '../services/service-manager.ts'

/** The service managers of the calling user, the one that is asked first first. None is reached before it is asked. */
export function openServiceManagers(): ServiceManager[] {
  const system = createSystemd('system')
  return effectiveUser() === 0 ? [system] : [createSystemd('user'), system]
}
