import { explainCritical, remedies, whyAffected } from '../../affected/index.ts'
import type {
  AffectedApplication,
  AffectedList,
  AppliedRule,
  FileUse,
  PolicyAction,
  RebootReason,
} from '../../model/index.ts'
import type { OutputStream, Terminal } from '../terminal.ts'
import { asRuleSays } from './rules.ts'
import { table } from './table.ts'
import { count, shown } from './text.ts'

const mostUses = 4
const mostUnreadable = 5

const reasons: Record<RebootReason, string> = {
  'permission-denied': 'something may not be stopped by this user',
  'session-mismatch': 'something belongs to another login session',
  'critical-process': 'a critical process is affected',
  'critical-service': 'a critical service is affected',
  'detected-self': 'the installer itself is affected',
}

/** The affected list for a person: a table, what only a reboot would free and why, and what could not be looked at. `stream`: where it goes. */
export function showAffectedList(list: AffectedList, stream: OutputStream, terminal: Terminal): string {
  const parts: string[] = []
  if (list.applications.length === 0) parts.push('Nothing uses these resources')
  else parts.push(affectedTable(list.applications, stream, terminal))
  for (const reason of list.rebootReasons)
    parts.push(terminal.style(stream, 'yellow', `A reboot is required: ${reasons[reason]}`))
  parts.push(...explainCritical(list.applications).map((line) => `  ${shown(line)}`))
  parts.push(...remedies(list.applications).map((line) => `  What helps: ${shown(line)}`))
  for (const path of list.heldByUnknown) parts.push(`Held by something that no process list shows: ${shown(path)}`)
  parts.push(...unreadable(list), ...uninspected(list))
  return parts.join('\n')
}

function affectedTable(applications: AffectedApplication[], stream: OutputStream, terminal: Terminal): string {
  const head = ['APPLICATION', 'TYPE', 'PID', 'USER', 'RESTART', 'USES'].map((title) =>
    terminal.style(stream, 'bold', title),
  )
  return table(
    head,
    applications.map((one) => [
      shown(one.name),
      one.type,
      one.process.pid === 0 ? '-' : String(one.process.pid),
      one.user.name ?? String(one.user.uid),
      one.restartable ? 'yes' : 'no',
      usesOf(one, applications),
    ]),
  )
}

function usesOf(application: AffectedApplication, all: AffectedApplication[]): string {
  const { uses, notRestartable, critical, rule } = application
  const lines = [...new Set(uses.map(describeUse))]
  const listed = lines.slice(0, mostUses)
  if (lines.length > mostUses) listed.push(`and ${lines.length - mostUses} more`)
  if (lines.length === 0) listed.push(shown(whyAffected(application, all)))
  if (notRestartable !== null && critical === null) listed.push(`(stays down: ${shown(notRestartable)})`)
  if (rule) listed.push(`(${describeRule(rule)})`)
  return listed.join('\n')
}

const decisions: Record<PolicyAction, string> = {
  critical: 'must not be stopped',
  ordinary: 'may be stopped',
  'no-shutdown': 'is left running',
  'no-restart': 'is not started again',
  restart: 'may be started again',
}

function describeRule(rule: AppliedRule): string {
  return `${decisions[rule.action]}, ${asRuleSays(rule)}${rule.why === null ? '' : `: ${shown(rule.why)}`}`
}

function describeUse({ path, as, replaced }: FileUse): string {
  return `${shown(path)} (${as}${replaced ? ', the old version' : ''})`
}

/** Who could not be looked at: a line, or none. */
export function uninspected({ uninspected: processes }: Pick<AffectedList, 'uninspected'>): string[] {
  if (processes.length === 0) return []
  const [first] = processes
  const example = first ? `, as ${shown(first.name)} (process ${first.process.pid}): ${shown(first.reason)}` : ''
  const hint = process.geteuid?.() === 0 ? '' : '; as root more can be seen'
  return [`Could not look at ${count(processes.length, 'process', 'processes')}${example}${hint}`]
}

function unreadable({ unreadable: paths }: AffectedList): string[] {
  const lines = paths
    .slice(0, mostUnreadable)
    .map(({ path, reason }) => `Could not look into ${shown(path)}: ${shown(reason)}`)
  return paths.length > mostUnreadable ? [...lines, `and ${paths.length - mostUnreadable} more`] : lines
}
