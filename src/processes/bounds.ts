import { readContext, type RightsBounds } from '../linux/process-context.ts'
import { readCredentials, type Credentials } from '../linux/process-details.ts'
import { effectiveUser } from '../linux/users.ts'
import type { ProcessRestartRecord } from './process-manager.ts'

/** Why this caller cannot start a program again with the rights that it had and no more; null where it can. */
export function rightsObstacle(credentials: Credentials, bounds: RightsBounds): string | null {
  const own = ownBounds()
  if (bounds.systemCallFilters > own.systemCallFilters) {
    return 'it runs under a filter of system calls (seccomp), which cannot be given back'
  }
  if (identityOptions(credentials).length > 0 && effectiveUser() !== 0) {
    return 'it has other groups than the caller, which only root can give back'
  }
  // To give up capabilities for good takes one (CAP_SETPCAP, capabilities(7)).
  if (surplus(own.capabilities, bounds.capabilities).length > 0 && effectiveUser() !== 0) {
    return 'it may have fewer capabilities than other programs of its user, which only root can give back'
  }
  return null
}

/** What setpriv(1) has to be told so that the program has its user's rights and no more than it had; nothing where the caller's are the same. */
export function rightsOptions({ context, ...credentials }: ProcessRestartRecord): string[] {
  const options = identityOptions(credentials)
  const own = ownBounds()
  const { capabilities, ambient, noNewPrivileges } = context.bounds
  const further = surplus(own.ambient, ambient)
  if (further.length > 0) options.push(`--inh-caps=${without(further)}`, `--ambient-caps=${without(further)}`)
  const beyond = surplus(own.capabilities, capabilities)
  if (beyond.length > 0) options.push(`--bounding-set=${without(beyond)}`)
  if (noNewPrivileges && !own.noNewPrivileges) options.push('--no-new-privs')
  return options
}

function identityOptions({ uid, gid, groups }: Credentials): string[] {
  const own = readCredentials(process.pid)
  if (own?.uid === uid && own.gid === gid && sorted(own.groups) === sorted(groups)) return []
  return [`--reuid=${uid}`, `--regid=${gid}`, groups.length > 0 ? `--groups=${groups.join(',')}` : '--clear-groups']
}

/** The numbers of the capabilities that the caller has in a set and the program had not. */
function surplus(own: string, had: string): number[] {
  const more = BigInt(`0x${own}`) & ~BigInt(`0x${had}`)
  return Array.from({ length: 64 }, (_, number) => number).filter((number) => ((more >> BigInt(number)) & 1n) === 1n)
}

function without(capabilities: number[]): string {
  return capabilities.map((one) => `-cap_${one}`).join(',')
}

function ownBounds(): RightsBounds {
  const own = readContext(process.pid)
  if (!own) throw new Error('The context of this process cannot be read')
  return own.bounds
}

function sorted(numbers: number[]): string {
  return [...new Set(numbers)].sort((x, y) => x - y).join()
}
