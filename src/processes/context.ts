import { setPriority } from 'node:os'
import {
  readContext,
  setOomScoreAdjustment,
  type ProcessContext,
  type ResourceLimit,
} from '../linux/process-context.ts'
import { isRunning } from '../linux/process-stat.ts'
import { effectiveUser } from '../linux/users.ts'
import type { ProcessIdentity } from '../model/index.ts'
import { giveControlGroups, type Owner } from './control-group.ts'
import { reasonOf, runTool } from './tool.ts'

/**
 * Gives a process that waits to become a program what that program had, where it is not so already. Answers what could not
 * be given, for a person. Its umask it sets itself, its bounds it has from the start. The limits come last: they may forbid
 * what the others need.
 */
export async function giveContext(process: ProcessIdentity, owner: Owner, wanted: ProcessContext): Promise<string[]> {
  const { pid } = process
  const missing: string[] = []
  const attempt = async (what: string, work: () => unknown) => {
    // Its pid may be another's by now.
    if (!isRunning(process)) return
    try {
      await work()
    } catch (error) {
      missing.push(`${what} (${reasonOf(error)})`)
    }
  }
  missing.push(...(await giveControlGroups(pid, owner, wanted.controlGroups)))
  const now = readContext(pid)
  // It has ended: whoever waits for it sees that.
  if (!now) return []
  const { scheduling, processors, niceness, oomScoreAdjustment } = wanted
  if (now.processors !== processors)
    await attempt(`its processors, ${processors}`, () =>
      runTool(['taskset', '--cpu-list', '--pid', processors, `${pid}`]),
    )
  if (now.niceness !== niceness) await attempt(`its niceness, ${niceness}`, () => setPriority(pid, niceness))
  if (now.scheduling.policy !== scheduling.policy || now.scheduling.priority !== scheduling.priority)
    await attempt('its scheduling policy', () => setScheduling(pid, scheduling))
  if (now.oomScoreAdjustment !== oomScoreAdjustment)
    await attempt(`its OOM score adjustment, ${oomScoreAdjustment}`, () =>
      setOomScoreAdjustment(pid, oomScoreAdjustment),
    )
  for (const [name, limit] of Object.entries(wanted.limits)) {
    const has = now.limits[name]
    if (has && !sameLimit(has, limit))
      await attempt(`its limit ${name}, ${limit.soft} of ${limit.hard}`, () => setLimit(pid, owner, name, limit))
  }
  return missing
}

/** With fewer descriptors the shell that waits cannot make itself the program. */
const leastDescriptors = 16

/**
 * Root without CAP_SYS_RESOURCE, as in most containers, may set only the limits of its own user's processes; that user may lower
 * its own. The soft limit is given also where the hard one cannot be.
 */
async function setLimit(pid: number, { uid, gid }: Owner, name: string, { soft, hard }: ResourceLimit): Promise<void> {
  if (name === 'nofile' && Number(soft) < leastDescriptors) throw new Error('too few to start with')
  const command = (value: string) => ['prlimit', '--pid', `${pid}`, `--${name}=${value}`] as const
  const asOwner = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'] as const
  const mayBecome = effectiveUser() === 0 && uid !== 0
  const set = async (value: string) => {
    try {
      await runTool([...command(value)])
    } catch (error) {
      if (!mayBecome) throw error
      await runTool([...asOwner, ...command(value)])
    }
  }
  try {
    await set(`${soft}:${hard}`)
  } catch (error) {
    await set(`${soft}:`).catch(() => null)
    throw error
  }
}

function sameLimit(one: ResourceLimit, other: ResourceLimit): boolean {
  return one.soft === other.soft && one.hard === other.hard
}

/** Of sched_setscheduler(2); deadlines (6) cannot be read back whole. */
const policies: Partial<Record<number, string>> = { 0: '--other', 1: '--fifo', 2: '--rr', 3: '--batch', 5: '--idle' }

async function setScheduling(pid: number, { policy, priority }: ProcessContext['scheduling']): Promise<void> {
  const option = policies[policy]
  if (option === undefined) throw new Error(`policy ${policy}`)
  await runTool(['chrt', option, '--pid', `${priority}`, `${pid}`])
}
