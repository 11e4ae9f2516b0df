// updates FILE: lists, stops and starts again what uses FILE, and writes what it saw as JSON. A session of whoever runs it.
import { startSession } from '../../../../src/index.ts'

const [, , file = ''] = process.argv
await using session = await startSession()
await session.register({ files: [file] })
const { applications, rebootReasons } = await session.list()
const stopped = await session.shutdown()
const between = await session.list()
const restarted = await session.restart()
const seen = {
  rebootReasons,
  listed: applications.map(({ service, serviceManager, type, restartable, user }) => [
    ...[service, serviceManager, type, restartable, user.uid],
  ]),
  stopped: stopped.applications.map(({ outcome }) => outcome),
  between: between.applications.map(({ status }) => status),
  restarted: restarted.applications.map(({ application, outcome }) => [outcome, application.process.pid]),
}
console.log(JSON.stringify(seen))
