import type { ApplicationResult, ApplicationStatus } from '../../model/index.ts'
import type { Terminal } from '../terminal.ts'
import { seconds, shown } from './text.ts'

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

/** One line for every application, and for a service that failed its last journal lines. */
export function showResults(results: ApplicationResult[], terminal: Terminal): string[] {
  return results.flatMap(({ application, outcome, durationMs, forced, error, journal }) => {
    const verb = terminal.style('message', error === null ? 'green' : 'red', verbs[outcome])
    const pid = application.process.pid === 0 ? '' : ` (process ${application.process.pid})`
    const how = [durationMs > 0 ? seconds(durationMs) : '', forced ? 'killed' : '']
      .filter((part) => part !== '')
      .join(', ')
    const tail = error === null ? how : shown(error)
    return [
      `${verb}: ${shown(application.name)}${pid}${tail === '' ? '' : `: ${tail}`}`,
      ...journal.map((line) => `    ${shown(line)}`),
    ]
  })
}
