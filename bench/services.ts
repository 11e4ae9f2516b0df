import { join } from 'node:path'
import { bootMachine, machineAvailable, repositoryInside } from '../test/support/machine.ts'
import type { Report } from './report.ts'

const services = 100
const rounds = 3

/** How long many services take that need 1 s each to stop, beside systemctl, in a throw-away machine. */
export async function reportServices(report: Report): Promise<void> {
  report.heading(`${services} services of which each takes 1 s to stop`)
  const unavailable = machineAvailable()
  if (unavailable !== null) {
    report.text(`Not measured: ${unavailable}.`)
    return
  }
  await using machine = await bootMachine()
  const script = join(repositoryInside, 'bench/services-inside.ts')
  const command = [machine.nodePath, '--disable-warning=ExperimentalWarning', script, `${services}`, `${rounds}`]
  const { status, stdout, stderr } = await machine.run(command, { timeoutMs: 300_000 })
  if (status !== 0) throw new Error(`The services could not be measured: ${stderr}`)
  const medians = JSON.parse(stdout) as Record<string, number>
  const rows = [
    ['shutdown()', 'shutdown', 'systemctl stop'],
    ['restart()', 'restart', 'systemctl start'],
    ['restartInPlace()', 'restartInPlace', 'systemctl restart'],
  ] as const
  report.table(
    ['', 'median, ms', 'systemctl in one call', 'median, ms', 'ratio'],
    rows.map(([name, own, peer]) => {
      const [ours = NaN, theirs = NaN] = [medians[own], medians[peer]]
      return [name, ours.toFixed(0), peer, theirs.toFixed(0), (ours / theirs).toFixed(2)]
    }),
  )
}
