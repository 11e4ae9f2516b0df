// secondary FILE...: joins the session that RESTART_MANAGER_SESSION names and registers FILE. Writes lines of JSON: what it
// is told no by, that it has registered, and, once a line comes on standard input, that it has changed what it wanted.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { joinSession, type RestartManagerError } from '../../../../src/index.ts'

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const input = createInterface({ input: process.stdin })
input.once('close', () => process.exit())

const session = await joinSession(process.env['RESTART_MANAGER_SESSION'] ?? '')
const untyped = session as unknown as { shutdown(): Promise<void> }
await untyped.shutdown().catch((error: unknown) => say({ refused: (error as RestartManagerError).code }))
await session.register({ files: process.argv.slice(2) })
await session.finished()
say({ registered: true })
await once(input, 'line')
await session.finished()
say({ changed: true })
