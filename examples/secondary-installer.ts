// A secondary installer: joins the session of the primary, registers what it will replace, replaces it when the primary
// has stopped everything, and leaves. Usage: secondary-installer.ts PROGRAM; the key is in RESTART_MANAGER_SESSION.
import { once } from 'node:events'
import { joinSession } from 'restart-manager'
import { filesOf, install } from './programs/installed.ts'

const [, , program = 'wall-clock'] = process.argv

const session = await joinSession(process.env['RESTART_MANAGER_SESSION'] ?? '')
await session.register({ files: filesOf(program) })
await session.finished()

// The primary says when nothing uses the files any more.
await once(process, 'message')
install(program, '2.0')

await session.end()
process.disconnect()
