import type { Bus } from './bus.ts'
import type { Jobs, Limits } from './job.ts'
import { serviceProperty } from './manager.ts'
import type { Unit } from './unit.ts'

/** It is on its way up. */
export function isStarting(unit: Unit): boolean {
  return unit.state === 'activating' && !isWaitingForRestart(unit)
}

/** It has ended, nothing of it runs, and systemd is about to start it again by itself (Restart=, RestartSec=). */
export function isWaitingForRestart({ state, subState }: Unit): boolean {
  return state === 'activating' && subState.startsWith('auto-restart')
}

/** It is doing what it is for, and would be cut off in the middle: such a service is up only when it has done its job. */
export async function isAtWork(bus: Bus, unit: Unit): Promise<boolean> {
  return isStarting(unit) && (await serviceProperty(bus, unit.path, 'Type')) === 'oneshot'
}

export function atWork({ id }: Unit): string {
  return `it is in the middle of its job (Type=oneshot), which is not to be cut off: wait until it is done, see systemctl status ${id}`
}

/**
 * Lets a service that is on its way up get there before it is stopped: it may be preparing its data (ExecStartPre=). It has
 * half of the time that is left for that.
 */
export async function letItStart(jobs: Jobs, unit: Unit, { deadline, signal }: Limits): Promise<void> {
  if (unit.job === null) return
  const now = performance.now()
  await jobs.endOf(unit.job, { deadline: now + (deadline - now) / 2, signal })
}
