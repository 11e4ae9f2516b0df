import type { AffectedApplication, AffectedList, FileUse, UseKind } from '../../model/index.ts'
import type { Terminal } from '../terminal.ts'
import { uninspected } from './affected-list.ts'
import { table } from './table.ts'
import { count, shown } from './text.ts'

const mostUses = 4
const kinds: Partial<Record<UseKind, string>> = { executable: 'program', mapped: 'library' }

/** What is stale, for a person: who still uses what, what to type, and who could not be looked at. */
export function showStaleList(list: AffectedList, terminal: Terminal): string {
  const { applications } = list
  const parts =
    applications.length === 0
      ? ['Nothing uses programs, libraries or scripts that have been replaced or removed']
      : [staleTable(applications, terminal), '', ...hints(applications)]
  return [...parts, ...uninspected(list)].join('\n')
}

function staleTable(applications: AffectedApplication[], terminal: Terminal): string {
  const head = ['APPLICATION', 'PID', 'USER', 'REPLACED OR REMOVED SINCE IT STARTED'].map((title) =>
    terminal.style('result', 'bold', title),
  )
  return table(
    head,
    applications.map((one) => [
      shown(one.name),
      one.process.pid === 0 ? '-' : String(one.process.pid),
      one.user.name ?? String(one.user.uid),
      filesOf(one),
    ]),
  )
}

function filesOf({ uses }: AffectedApplication): string {
  const lines = [...new Set(uses.map(({ path, as }: FileUse) => `${shown(path)} (${kinds[as] ?? as})`))]
  const listed =
    lines.length > mostUses
      ? [...lines.slice(0, mostUses - 1), `and ${count(lines.length - mostUses + 1, 'other file')}`]
      : lines
  return listed.join('\n')
}

/** One line for each thing to do; what would take down more than itself comes last. */
function hints(applications: AffectedApplication[]): string[] {
  const groups = Map.groupBy(applications, remedy)
  const lines: [Remedy, string, (one: AffectedApplication) => string][] = [
    ['service', 'Restart: systemctl restart ', ({ service }) => String(service)],
    ['user service', 'Restart, as its user: systemctl --user restart ', ({ service }) => String(service)],
    ['program', 'Stop and start by hand: ', ({ name, process }) => `${name} (process ${process.pid})`],
    ['session', 'Log out and in again: ', ({ user }) => user.name ?? String(user.uid)],
    ['systemd', 'Restart systemd itself: ', () => 'systemctl daemon-reexec'],
    ['critical', 'Restart with care, or reboot: ', ({ service, name }) => service ?? name],
  ]
  return lines.flatMap(([key, what, describe]) => {
    const named = [...new Set(groups.get(key)?.map(describe))].map(shown)
    return named.length > 0 ? [what + named.join(what.includes('systemctl') ? ' ' : ', ')] : []
  })
}

type Remedy = 'service' | 'user service' | 'program' | 'session' | 'systemd' | 'critical'

function remedy({ process, service, serviceManager, session, critical, name }: AffectedApplication): Remedy {
  if (process.pid === 1) return name === 'systemd' ? 'systemd' : 'critical'
  if (service?.startsWith('user@')) return 'session'
  if (service !== null && critical === null) return serviceManager === 'systemd' ? 'service' : 'user service'
  if (service !== null) return 'critical'
  return session === null ? 'program' : 'session'
}
