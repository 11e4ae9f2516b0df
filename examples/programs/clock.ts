// A program that installers replace: it holds its data file open, says which version it is, agrees to be ended, and
// wants to come back.
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onEndSession, onQueryEndSession, registerApplicationRestart } from 'restart-manager/application'

const version = '1.0'
const home = import.meta.dirname

// Comes back with these arguments: the running executable is Node, so the first one is the script.
await registerApplicationRestart([import.meta.filename])

const data = openSync(join(home, 'data.txt'), 'r')
writeFileSync(
  join(home, 'status.json'),
  JSON.stringify({ version, data: readFileSync(data, 'utf8'), pid: process.pid }),
)

// Asked before anything is stopped: `false` would refuse.
onQueryEndSession(() => true)
onEndSession(({ ending }) => {
  // Here a real program saves its work.
  if (ending) process.exit(0)
})
// The sample ends it long before.
setTimeout(() => process.exit(0), 120_000)
