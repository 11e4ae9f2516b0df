// stops-and-waits SERVICE: starts a session, stops SERVICE, writes the session's key as a line of JSON and waits to be killed.
import { startSession } from '../../../../src/index.ts'

const session = await startSession()
await session.register({ services: process.argv.slice(2) })
await session.shutdown()
console.log(JSON.stringify({ key: session.key }))
process.stdin.resume().once('end', () => process.exit())
