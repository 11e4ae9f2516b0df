import { existsSync } from 'node:fs'
import type { Cure } from '../model/index.ts'

/** systemd 254 and newer have it. */
const softReboots = ['/usr/lib/systemd/system/soft-reboot.target', '/lib/systemd/system/soft-reboot.target']

/** What cures here: a user's own services live as long as the user is logged in, and not every systemd has a soft-reboot. */
export function cureHere(cure: Cure, ofUser = false): Cure {
  if (ofUser && (cure === 'soft-reboot' || cure === 'reboot')) return 'log-out'
  return cure === 'soft-reboot' && !softReboots.some((path) => existsSync(path)) ? 'reboot' : cure
}
