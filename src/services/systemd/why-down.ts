import { constants } from 'node:os'
import type { Bus } from './bus.ts'
import { serviceProperty } from './manager.ts'
import { isDown, readUnit, type Unit } from './unit.ts'

const serviceResults: Record<string, string> = {
  'exit-code': 'one of its processes ended with an error',
  signal: 'one of its processes was killed by a signal',
  'core-dump': 'one of its processes crashed',
  timeout: 'it took longer than its unit allows',
  protocol: 'it did not report as its unit says it would',
  resources: 'something it needs is missing',
  watchdog: 'it stopped reporting to the watchdog',
  'oom-kill': 'the kernel ended it for want of memory',
  'start-limit-hit': 'it was started too often in a short time',
}

/** What systemd itself ends a process with that it could not make into the program (systemd.exec(5), PROCESS EXIT CODES). */
const exitCodes: Record<number, string> = {
  200: 'its working directory is missing',
  203: 'its program could not be run',
  209: 'its standard output could not be opened',
  214: 'its scheduling could not be set',
  216: 'its group is unknown',
  217: 'its user is unknown',
  218: 'its capabilities could not be set',
  226: 'its file systems could not be set up',
  238: 'its state directory could not be made',
}

/** The values of `code` in the ends of processes (waitid(2), si_code). */
const [exited, killed, dumped] = [1, 2, 3]

/** One line of ExecStartPre= and its like, and what came of it the last time; the rest of a row are times. */
type CommandRow = [
  path: string,
  argv: string[],
  ignored: boolean,
  ...times: [bigint, bigint, bigint, bigint],
  pid: number,
  code: number,
  status: number,
]

/**
 * Why a service is not up, by its property Result (systemd.exec(5), $SERVICE_RESULT) and the ends of its processes; null
 * where nothing of it has failed.
 */
export async function whyDown(bus: Bus, unit: Unit): Promise<string | null> {
  const result = (await serviceProperty(bus, unit.path, 'Result')) as string
  if (result === 'success') return null
  const end = ['exit-code', 'signal', 'core-dump'].includes(result) ? await failedProcess(bus, unit) : null
  return `${end ?? serviceResults[result] ?? 'it failed'} (Result=${result})`
}

/** The process that made it fail: one that goes before or after the main one, else the main one. */
async function failedProcess(bus: Bus, { path }: Unit): Promise<string | null> {
  for (const property of ['ExecStartPre', 'ExecStartPost']) {
    const rows = (await serviceProperty(bus, path, property)) as CommandRow[]
    for (const [program, , ignored, , , , , pid, code, status] of rows) {
      const end = pid === 0 || ignored ? null : endOf(`${property}=${program}`, code, status)
      if (end !== null) return end
    }
  }
  const [code, status] = await Promise.all(
    ['ExecMainCode', 'ExecMainStatus'].map(async (property) => (await serviceProperty(bus, path, property)) as number),
  )
  return endOf('its main process', code ?? 0, status ?? 0)
}

function endOf(who: string, code: number, status: number): string | null {
  if (code === killed) return `${who} was killed by ${signalName(status)}`
  if (code === dumped) return `${who} crashed with ${signalName(status)}`
  if (code !== exited || status === 0) return null
  const known = exitCodes[status]
  return `${who} ended with exit status ${status}${known === undefined ? '' : `: ${known}`}`
}

function signalName(number: number): string {
  const known = Object.entries(constants.signals).find(([, value]) => value === number)
  return known?.[0] ?? `signal ${number}`
}

/**
 * Of the units that it does not start without those that are down, and where one of them is down for the same reason, what
 * that one lacks; none where none is.
 */
export async function missingNeeds(bus: Bus, unit: Unit, seen = new Set([unit.id])): Promise<Unit[]> {
  const fresh = unit.needs.filter((name) => !seen.has(name))
  for (const name of fresh) seen.add(name)
  const units = await Promise.all(fresh.map((name) => readUnit(bus, name)))
  const roots = units
    .filter(({ state }) => isDown(state))
    .map(async (one) => {
      const deeper = one.state === 'failed' ? [] : await missingNeeds(bus, one, seen)
      return deeper.length > 0 ? deeper : [one]
    })
  return (await Promise.all(roots)).flat()
}
