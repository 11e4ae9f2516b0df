import { listSessions } from '../../session/index.ts'
import type { AddCommand } from '../context.ts'
import { toJson } from '../output/json.ts'
import { showSessions } from '../output/sessions.ts'

export const addSessions: AddCommand = (program, { terminal }) => {
  program
    .command('sessions')
    .description('The live and the abandoned sessions of this user')
    .option('--json', 'one JSON document')
    .action(async (options: { json?: boolean }) => {
      const sessions = await listSessions()
      terminal.result(options.json ? toJson(sessions, 2) : showSessions(sessions, terminal))
      if (sessions.some(({ state, stopped }) => state === 'abandoned' && stopped.length > 0)) {
        terminal.message('Start again what a dead installer left stopped: restartctl recover')
      }
    })
}
