import { readFileSync } from 'node:fs'

/** Clock ticks a second in what the kernel shows (USER_HZ, 100 on every processor; proc_pid_stat(5)). */
const ticksPerSecond = 100

let bootSecond: number | undefined

/** When a process started, to about a second: the boot time of `/proc/stat` and the ticks since. For people; identity is decided by the ticks. */
export function startedAt(startTime: bigint): Date {
  bootSecond ??= Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0)
  return new Date(bootSecond * 1000 + (Number(startTime) * 1000) / ticksPerSecond)
}
