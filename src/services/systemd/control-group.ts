import type { Membership } from '../service-manager.ts'
import { unitType } from './unit-name.ts'

/** Whose units are meant: the machine's service manager or the one of the user with this uid. */
export type Scope = { kind: 'system' } | { kind: 'user'; uid: number }

const none: Membership = { service: null, session: null }

/**
 * The service and the login session that the path of a control group names, for one service manager. The unit is the first
 * component that is no slice; what is beneath it is the unit's own business. Whatever runs beneath `user@UID.service`
 * belongs to that user's service manager, and only that manager itself (`init.scope`) to the machine's.
 * Source: cg_path_get_unit, cg_path_get_user_unit and cg_path_get_session, systemd `src/basic/cgroup-util.c`.
 */
export function membershipOf(scope: Scope, controlGroup: string): Membership {
  const [unit, ...beneath] = skipSlices(controlGroup.split('/').slice(1).map(unescape))
  if (unit === undefined) return none
  const session = /^session-([A-Za-z0-9]+)\.scope$/.exec(unit)?.[1]
  if (session !== undefined) return { service: null, session }
  const uid = /^user@(\d+)\.service$/.exec(unit)?.[1]
  if (scope.kind === 'system')
    return { service: uid === undefined || isManager(beneath) ? service(unit) : null, session: null }
  if (uid !== String(scope.uid)) return none
  return { service: service(skipSlices(beneath)[0]), session: null }
}

function skipSlices(components: string[]): string[] {
  const first = components.findIndex((component) => unitType(component) !== 'slice')
  return first < 0 ? [] : components.slice(first)
}

/** A name that would clash with a file of the hierarchy is written with a leading underscore (cg_escape). */
function unescape(component: string): string {
  return component.startsWith('_') ? component.slice(1) : component
}

/** The user's service manager itself, not one of its units. */
function isManager(beneath: string[]): boolean {
  return beneath.length === 0 || beneath[0] === 'init.scope'
}

function service(unit: string | undefined): string | null {
  return unit !== undefined && unitType(unit) === 'service' ? unit : null
}
