import type { AffectedApplication, AffectedList, Cure, FileUse, UseKind } from '../../model/index.ts'
import type { Terminal } from '../terminal.ts'
import { uninspected } from './affected-list.ts'
import { cures, showCure } from './cures.ts'
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

/** One line for each thing to do, the least trouble first. */
function hints(applications: AffectedApplication[]): string[] {
  const loggedOut = new Set(applications.filter(({ cure }) => cure === 'log-out').map(({ session }) => session))
  const groups = Map.groupBy(applications, (one) => remedy(one, loggedOut))
  const names = (key: Remedy, describe: (one: AffectedApplication) => string) =>
    [...new Set(groups.get(key)?.map(describe))].map(shown)
  const line = (what: string, some: string[], between = ', ') => (some.length > 0 ? [what + some.join(between)] : [])
  return [
    ...line('Restart: systemctl restart ', names('service', nameOf), ' '),
    ...line('Restart, as its user: systemctl --user restart ', names('user service', nameOf), ' '),
    ...line(
      'Restart systemd itself: ',
      names('systemd', () => 'systemctl daemon-reexec'),
    ),
    ...line('Look again as root, who may restart: ', names('denied', nameOf)),
    ...cures.flatMap((cure) => {
      const some = names(cure.cure, cure.cure === 'log-out' ? userOf : nameOf)
      return line(cure.command === null ? `${showCure(cure)}: ` : `${showCure(cure)}, for `, some)
    }),
  ]
}

type Remedy = 'service' | 'user service' | 'systemd' | 'denied' | Cure

/** `loggedOut`: the sessions that have to end anyhow, and take with them all that runs there. */
function remedy(
  { process, service, serviceManager, session, name, rebootReason, cure }: AffectedApplication,
  loggedOut: Set<string | null>,
): Remedy {
  if (process.pid === 1 && name === 'systemd') return 'systemd'
  if (rebootReason === 'permission-denied') return 'denied'
  if (session !== null && loggedOut.has(session)) return 'log-out'
  if (cure === null && service !== null) return serviceManager === 'systemd' ? 'service' : 'user service'
  return cure ?? 'by-hand'
}

function nameOf({ service, name, process }: AffectedApplication): string {
  return service ?? `${name} (process ${process.pid})`
}

function userOf({ user }: AffectedApplication): string {
  return user.name ?? String(user.uid)
}
