import type { Participant, SessionSummary } from '../../model/index.ts'
import type { Terminal } from '../terminal.ts'
import { table } from './table.ts'
import { count, shown } from './text.ts'

/** The sessions for a person, the newest last. */
export function showSessions(sessions: SessionSummary[], terminal: Terminal): string {
  if (sessions.length === 0) return 'No sessions'
  const head = ['SESSION', 'STATE', 'OWNER', 'STARTED', 'SECONDARIES', 'RESOURCES', 'STOPPED']
  return table(
    head.map((title) => terminal.style('result', 'bold', title)),
    sessions.map((session) => [
      session.id,
      session.state,
      `process ${session.owner.pid}`,
      session.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'),
      showSecondaries(session.participants),
      showResources(session.resources),
      session.stopped.length === 0 ? '-' : session.stopped.map(shown).join(', '),
    ]),
  )
}

function showSecondaries(participants: Participant[]): string {
  const states = participants.filter(({ role }) => role === 'secondary').map(({ state }) => state)
  const counts = Map.groupBy(states, (state) => state)
  return [...counts].map(([state, members]) => `${members.length} ${state}`).join(', ') || '-'
}

function showResources({ files, directories, processes, services }: SessionSummary['resources']): string {
  const parts = [
    files > 0 ? count(files, 'file') : '',
    directories > 0 ? count(directories, 'directory', 'directories') : '',
    processes > 0 ? count(processes, 'process', 'processes') : '',
    services > 0 ? count(services, 'service') : '',
  ]
  return parts.filter((part) => part !== '').join(', ') || '-'
}
