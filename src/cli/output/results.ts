import type { ApplicationResult, ApplicationStatus, FilterAction, Progress, ShutdownResult } from '../../model/index.ts'
import type { Terminal } from '../terminal.ts'
import { asRuleSays } from './rules.ts'
import { duration, shown } from './text.ts'

const verbs: Record<ApplicationStatus, string> = {
  running: 'Left alone',
  stopped: 'Stopped',
  'stopped-other': 'Ended by itself',
  restarted: 'Started',
  'error-on-stop': 'Did not stop',
  'error-on-restart': 'Did not start',
  'shutdown-masked': 'Left running',
  'restart-masked': 'Stays down',
}

/** What is left to say of those that a restart does not start. */
const restartVerbs: Partial<Record<ApplicationStatus, string>> = { stopped: 'Stays down', running: 'Still running' }

const masks: Partial<Record<ApplicationStatus, FilterAction>> = {
  'shutdown-masked': 'no-shutdown',
  'restart-masked': 'no-restart',
}

/** One line for every application, and for a service that failed its last journal lines. */
export function showResults(results: ApplicationResult[], phase: Progress['phase'], terminal: Terminal): string[] {
  return results.flatMap((result) => {
    const { application, outcome, error, journal, changed = [] } = result
    // One that somebody else keeps down says why.
    const keptDown = outcome === 'stopped-other' && application.notRestartable !== null
    const staysDown = phase === 'restart' && (outcome === 'stopped' || keptDown)
    const verb = (phase === 'restart' ? restartVerbs[staysDown ? 'stopped' : outcome] : undefined) ?? verbs[outcome]
    const why = whyMasked(result, results)
    const head = why === null ? verb : `${verb}, ${why}`
    const pid = application.process.pid === 0 ? '' : ` (process ${application.process.pid})`
    const details = staysDown ? application.notRestartable : (error ?? timeTaken(result))
    return [
      `${terminal.style('message', error === null ? 'green' : 'red', head)}: ${shown(application.name)}${pid}${details ? `: ${shown(details)}` : ''}`,
      ...(changed.length > 0 ? [`    Not as before: ${shown(changed.join('; '))}`] : []),
      ...journal.map((line) => `    ${shown(line)}`),
    ]
  })
}

/** Who decided that it is left running, or down: a rule, what goes down with it, or a filter; null where nobody did. */
function whyMasked({ application, outcome }: ApplicationResult, all: ApplicationResult[]): string | null {
  const action = masks[outcome]
  if (!action) return null
  if (application.rule?.action === action) return asRuleSays(application.rule)
  const spared = all.find(
    (one) => one.outcome === outcome && application.dependents.includes(one.application.service ?? ''),
  )
  if (spared && outcome === 'shutdown-masked') return `as ${shown(spared.application.name)} would go down with it`
  return 'as a filter says'
}

/** The files that a shutdown did not free, as nobody knows who has them: a line each. */
export function showHeld({ heldByUnknown = [] }: ShutdownResult): string[] {
  return heldByUnknown.map((path) => `Still held by something that no process list shows: ${shown(path)}`)
}

function timeTaken({ durationMs, forced, refusal = '' }: ApplicationResult): string {
  return [durationMs > 0 ? duration(durationMs) : '', forced ? 'killed' : '', refusal]
    .filter((part) => part !== '')
    .join(', ')
}
