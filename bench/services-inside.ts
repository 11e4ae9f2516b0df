// services-inside COUNT ROUNDS: inside the test machine, how long it takes to stop, start and restart COUNT services of which
// each takes 1 s to stop, with systemctl in one call, and with a session. Writes the medians in milliseconds as JSON.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { startSession } from '../src/index.ts'
import { median } from './measure.ts'

const [count = 0, rounds = 0] = process.argv.slice(2).map(Number)
const folder = '/run/systemd/system'
const names = Array.from({ length: count }, (_, index) => `rm-bench-${index}.service`)
const definition = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sleep infinity
ExecStop=/bin/sleep 1
`

const systemctl = (...args: string[]) => void execFileSync('systemctl', args)
mkdirSync(folder, { recursive: true })
for (const name of names) writeFileSync(`${folder}/${name}`, definition)
systemctl('daemon-reload')
systemctl('start', ...names)

const times = new Map<string, number[]>()
async function time(what: string, work: () => unknown): Promise<void> {
  const start = performance.now()
  await work()
  times.set(what, [...(times.get(what) ?? []), performance.now() - start])
}

for (let round = 0; round < rounds; round += 1) {
  for (const verb of ['stop', 'start', 'restart']) await time(`systemctl ${verb}`, () => systemctl(verb, ...names))
  await using session = await startSession()
  await session.register({ services: names })
  await time('shutdown', () => session.shutdown())
  await time('restart', () => session.restart())
  await using other = await startSession()
  await other.register({ services: names })
  await time('restartInPlace', () => other.restartInPlace())
}
systemctl('kill', '--signal=KILL', ...names)
console.log(JSON.stringify(Object.fromEntries([...times].map(([what, values]) => [what, median(values)]))))
