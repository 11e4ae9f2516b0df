import type { ApplicationResult, ApplicationStatus, Progress } from '../../model/index.ts'
import type { Terminal } from '../terminal.ts'
import { duration, shown } from './text.ts'

const verbs: Record<ApplicationStatus, string> = {
  running: 'Left alone',
  stopped: 'Stopped',
  'stopped-other': 'Ended by itself',
  restarted: 'Started',
  'error-on-stop': 'Did not stop',
  'error-on-restart': 'Did not start',
  'shutdown-masked': 'Left running, as a filter says',
  'restart-masked': 'Stays down, as a filter says',
}

/** What is left to say of those that a restart does not start. */
const restartVerbs: Partial<Record<ApplicationStatus, string>> = { stopped: 'Stays down', running: 'Still running' }

/** One line for every application, and for a service that failed its last journal lines. */
export function showResults(results: ApplicationResult[], phase: Progress['phase'], terminal: Terminal): string[] {
  return results.flatMap((result) => {
    const { application, outcome, error, journal } = result
    const staysDown = phase === 'restart' && outcome === 'stopped'
    const verb = (phase === 'restart' ? restartVerbs[outcome] : undefined) ?? verbs[outcome]
    const pid = application.process.pid === 0 ? '' : ` (process ${application.process.pid})`
    const details = staysDown ? application.notRestartable : (error ?? timeTaken(result))
    return [
      `${terminal.style('message', error === null ? 'green' : 'red', verb)}: ${shown(application.name)}${pid}${details ? `: ${shown(details)}` : ''}`,
      ...journal.map((line) => `    ${shown(line)}`),
    ]
  })
}

function timeTaken({ durationMs, forced, refusal = '' }: ApplicationResult): string {
  return [durationMs > 0 ? duration(durationMs) : '', forced ? 'killed' : '', refusal]
    .filter((part) => part !== '')
    .join(', ')
}
