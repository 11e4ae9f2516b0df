// How long finding the users of one file takes, as whole commands and inside a process, among a thousand processes.
import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { availableParallelism, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startCrowd } from './crowd.ts'
import { measureInProcess } from './in-process.ts'
import { isInstalled, measure, type Command } from './measure.ts'

const rounds = 11
const ours = 'restartctl list'
/** As a user runs it: compiled. */
const program = fileURLToPath(new URL('../dist/cli/restartctl.js', import.meta.url))

using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-bench-'))
const busyFile = join(folder.path, 'busy')
writeFileSync(busyFile, '')
await using crowd = await startCrowd(1000, busyFile)

const commands: Command[] = [{ name: ours, command: [process.execPath, program, 'list', busyFile] }]
for (const peer of ['fuser', 'lsof']) {
  if (isInstalled(peer)) commands.push({ name: peer, command: [peer, busyFile] })
  else console.log(`${peer} is not installed: not measured`)
}

console.log(
  `${crowd.count} processes, ${rounds} rounds, Linux ${release()}, ${availableParallelism()} processors, Node ${process.version}`,
)
const wholes = measure(commands, rounds)
const own = wholes.get(ours) ?? NaN
console.log('\nwhole command')
console.table(rows(wholes, (value) => ({ 'median ms': Math.round(value), 'times ours': (value / own).toFixed(2) })))
console.log('inside a process')
console.table(rows(await measureInProcess(busyFile, 5), (value) => ({ 'median ms': Math.round(value) })))

function rows(medians: Map<string, number>, row: (value: number) => Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries([...medians].map(([name, value]) => [name, row(value)]))
}
