import { readFileSync } from 'node:fs'
import { readProcessStat } from './process-stat.ts'

/** Clock ticks a second in what the kernel shows (USER_HZ, 100 on every processor; proc_pid_stat(5)). */
const ticksPerSecond = 100

/**
 * Whether a process started before `time`, a time stamp of a file in milliseconds since 1970. Exact to about 20 ms while
 * nobody sets the clock: the uptime of `/proc/uptime` leads from the ticks to the clock of now.
 */
export function startedBefore(startTime: bigint, time: number): boolean {
  const age = uptime() - milliseconds(startTime)
  return Date.now() - age < time
}

/** Of the kernel: a container may be shown its own (lxcfs), which is less than the age of this very process then. */
function uptime(): number {
  const shown = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000
  const own = readProcessStat(process.pid)?.identity.startTime ?? 0n
  return Math.max(shown, milliseconds(own) + process.uptime() * 1000)
}

function milliseconds(ticks: bigint): number {
  return (Number(ticks) * 1000) / ticksPerSecond
}

let bootSecond: number | undefined

/** When a process started, to about a second: the boot time of `/proc/stat` and the ticks since. For people; identity is decided by the ticks. */
export function startedAt(startTime: bigint): Date {
  bootSecond ??= Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0)
  return new Date(bootSecond * 1000 + milliseconds(startTime))
}
