import type { AffectedApplication, Cure } from '../model/index.ts'

/** Why an application is affected: the first thing that it uses, the service that takes it down, or that it was registered. */
export function whyAffected({ uses, service, down }: AffectedApplication, all: AffectedApplication[]): string {
  const [first] = uses
  if (down) return `would start ${String(service)}, which is down`
  if (first) return `uses ${first.path} (${first.as})`
  const above = all.filter(({ dependents }) => service !== null && dependents.includes(service)).map(({ name }) => name)
  return above.length === 0 ? 'registered itself' : `goes down with ${above.join(', ')}`
}

/**
 * Which applications lead to a reboot, by which file, and why: one line for each reason. Of those that have one in common
 * the first is named, and the others are counted.
 */
export function explainCritical(applications: AffectedApplication[]): string[] {
  const critical = applications.filter((one) => one.critical !== null)
  return [...Map.groupBy(critical, (one) => one.critical).values()].map(([first, ...others]) => {
    const line = first ? explain(first, applications) : ''
    return others.length === 0 ? line : `${line} (and ${others.length} more)`
  })
}

function explain(application: AffectedApplication, all: AffectedApplication[]): string {
  const { name, process, critical } = application
  const pid = process.pid === 0 ? '' : `process ${process.pid}, `
  return `${name} (${pid}${whyAffected(application, all)}): ${String(critical)}`
}

const mostNames = 5

function namesOf(applications: AffectedApplication[]): string {
  const names = [...new Set(applications.map(({ name }) => name))]
  if (names.length <= mostNames) return names.join(', ')
  return `${names.slice(0, mostNames).join(', ')} and ${names.length - mostNames} more`
}

const cureHints: Record<Cure, (names: string) => string> = {
  'log-out': (names) => `end the session of ${names} (loginctl list-sessions)`,
  'soft-reboot': (names) => `restart all of user space for ${names} (systemctl soft-reboot)`,
  reboot: (names) => `reboot for ${names} (systemctl reboot)`,
  'by-hand': (names) => `restart ${names} by hand afterwards`,
}

/** What frees the files of those that must not be stopped, for a person: one line for each way. */
export function remedies(applications: AffectedApplication[]): string[] {
  const critical = applications.filter((one) => one.critical !== null)
  const self = critical.filter(({ rebootReason }) => rebootReason === 'detected-self')
  const denied = critical.filter(({ rebootReason }) => rebootReason === 'permission-denied')
  const others = critical.filter((one) => !self.includes(one) && !denied.includes(one))
  const lines: string[] = []
  if (denied.length > 0) lines.push(`run it as root, who may stop ${namesOf(denied)}`)
  if (self.length > 0) lines.push(`run it where it does not end with ${namesOf(self)}: systemd-run restartctl ...`)
  for (const [cure, some] of Map.groupBy(others, (one) => one.cure ?? 'by-hand'))
    lines.push(cureHints[cure](namesOf(some)))
  const overridable = critical.filter((one) => one.overridable)
  if (overridable.length > 0) {
    lines.push(`or allow it for ${namesOf(overridable)}: action = "ordinary" in /etc/restart-manager/policy.toml`)
  }
  if (others.length > 0) lines.push('or change the files while they run: restartctl run --in-place ...')
  return lines
}
