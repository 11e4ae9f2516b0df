import { uptime } from 'node:os'
import { startedAt } from '../linux/clock.ts'
import { readProcessStat } from '../linux/process-stat.ts'
import type { ProcessIdentity } from '../model/index.ts'
import { badArgument } from './error-numbers.ts'
import type { FILETIME, RM_UNIQUE_PROCESS } from './structures.ts'

/** 1970-01-01 as a FILETIME. */
const unixEpoch = 116_444_736_000_000_000n
/** 100 ns units in a clock tick, in which Linux counts start times since boot (proc_pid_stat(5)). */
const unitsPerTick = 100_000n
const unitsPerMillisecond = 10_000n
const ticksPerSecond = 100
/** How far the uptime may lag behind the start of the newest process, in ticks. */
const margin = 100n
/** Half a second. */
const slot = 5_000_000n

/** Where FILETIME and ticks since boot meet. */
export interface BootClock {
  /** When this machine booted, by its clock as it is set, as a FILETIME; to half a second. */
  boot: bigint
  /** Ticks since then: none that is asked for comes later. */
  now: bigint
}

/**
 * The ticks of a start time as a FILETIME. A FILETIME is finer than ticks, so its last digits, within a slot of half a second,
 * are the ticks themselves, and what is above them tells the time, which is right to a second.
 */
export function fileTimeOfTicks(ticks: bigint, { boot }: Pick<BootClock, 'boot'>): bigint {
  return nearest(boot + ticks * unitsPerTick, ticks % slot)
}

/**
 * The same ticks again, also where the clock has been set meanwhile. Ticks with the same last digits lie 13 hours 53 minutes
 * apart: where the machine has been up for less there is one candidate only, else the clock has to be right to half of that.
 */
export function ticksOfFileTime(fileTime: bigint, { boot, now }: BootClock): bigint {
  const last = fileTime % slot
  const ticks = nearest((fileTime - boot) / unitsPerTick, last)
  const newest = now < last ? last : now - ((now - last) % slot)
  if (ticks > newest) return newest
  return ticks < last ? last : ticks
}

/** The process as the Windows face names it. */
export function toUniqueProcess({ pid, startTime }: ProcessIdentity): RM_UNIQUE_PROCESS {
  const time = fileTimeOfTicks(startTime, { boot: bootTime() })
  return {
    dwProcessId: pid,
    ProcessStartTime: { dwLowDateTime: Number(time & 0xffff_ffffn), dwHighDateTime: Number(time >> 32n) },
  }
}

/** The process as the rest of the library names it. It need not run. Errors: INVALID_ARGUMENT (no such structure). */
export function toProcessIdentity(process: RM_UNIQUE_PROCESS): ProcessIdentity {
  const { dwProcessId, ProcessStartTime } = { ...process } as { dwProcessId: unknown; ProcessStartTime: unknown }
  const { dwLowDateTime, dwHighDateTime } = { ...(ProcessStartTime as Partial<FILETIME>) }
  if (!isDword(dwProcessId) || !isDword(dwLowDateTime) || !isDword(dwHighDateTime)) {
    throw badArgument(
      'Not an RM_UNIQUE_PROCESS: wanted dwProcessId and ProcessStartTime, which has two halves of 32 bits',
    )
  }
  const time = (BigInt(dwHighDateTime) << 32n) + BigInt(dwLowDateTime)
  return { pid: dwProcessId, startTime: ticksOfFileTime(time, { boot: bootTime(), now: ticksNow(dwProcessId) }) }
}

/** The number nearest to `value` whose last digits within a slot are `last`. */
function nearest(value: bigint, last: bigint): bigint {
  const below = value - ((((value - last) % slot) + slot) % slot)
  return value - below > slot / 2n ? below + slot : below
}

/** The kernel tells the second of the boot, rounded down; one read by this process holds for its life. */
function bootTime(): bigint {
  return BigInt(startedAt(0n).getTime()) * unitsPerMillisecond + unixEpoch + slot
}

/**
 * Not before the start of whoever has this pid. The uptime alone would not do: in LXC containers it is the container's (lxcfs),
 * while start times count from the boot of the machine.
 */
function ticksNow(pid: number): bigint {
  const byUptime = BigInt(Math.ceil(uptime() * ticksPerSecond)) + margin
  const started = readProcessStat(pid)?.identity.startTime ?? 0n
  return started > byUptime ? started : byUptime
}

function isDword(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff
}
