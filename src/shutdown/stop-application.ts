import {
  allOf,
  processKey,
  sameProcess,
  type AffectedApplication,
  type ApplicationResult,
  type ProcessIdentity,
  type Timeouts,
} from '../model/index.ts'
import type { ProcessManager } from '../processes/process-manager.ts'
import type { ServiceManager } from '../services/service-manager.ts'
import type { Asked } from './ask-applications.ts'

export interface StopContext {
  processes: ProcessManager
  serviceManagers: ServiceManager[]
  timeouts: Required<Timeouts>
  force: boolean
  signal: AbortSignal
  /** Absent: nobody was asked, and all get SIGTERM. */
  asked?: Asked
}

/** How long a process may take to end by itself when it has said that it is done. */
const doneMs = 500
/** How long the kernel may take to end what was killed. */
const killedMs = 5000

/** Stops one application and waits for it. A failure is an outcome; one that was asked and was still up at a cancel is a failure. */
export async function stopApplication(
  application: AffectedApplication,
  context: StopContext,
): Promise<ApplicationResult> {
  const started = performance.now()
  const stop = application.service === null ? stopProcesses : stopService
  const stopped = await stop(application, context).catch((error: unknown): Stopped => {
    return { error: context.signal.aborted ? 'cancelled while it was being stopped' : (error as Error).message }
  })
  const { forced = false, error = null, journal = [], left } = stopped
  const outcome = error === null ? 'stopped' : 'error-on-stop'
  const refusal = context.asked?.refusalOf(application) ?? null
  const durationMs = Math.round(performance.now() - started)
  return {
    application,
    outcome,
    durationMs,
    forced,
    error,
    journal,
    ...(refusal !== null && { refusal }),
    ...(left && { left }),
  }
}

type Stopped = Partial<Pick<ApplicationResult, 'forced' | 'error' | 'journal' | 'left'>>

async function stopService(application: AffectedApplication, context: StopContext): Promise<Stopped> {
  const { timeouts, force, signal } = context
  const manager = context.serviceManagers.find(({ name }) => name === application.serviceManager)
  if (!manager || application.service === null)
    return { error: `no service manager ${String(application.serviceManager)} here` }
  const { forced, message, journal, left, leftBy } = await manager.stop(application.service, {
    timeoutMs: timeouts.serviceMs,
    force,
    signal,
    hold: application.held,
  })
  const stopped = { forced, error: message, journal }
  if (leftBy === undefined) return stopped
  return { ...stopped, left: { processes: left.flatMap((pid) => context.processes.identify(pid) ?? []), by: leftBy } }
}

/** How long the main process has for ending its children itself, at most, before they are asked, too. */
const childrenMs = 5000

/**
 * Tells the main process to end, which ends its own children in most programs; then all that are left, at the same time: a script
 * waits for what it has started before it ends. All within the time-out, after which `force` kills them.
 */
async function stopProcesses(application: AffectedApplication, context: StopContext): Promise<Stopped> {
  const { processes, timeouts, force, signal } = context
  const deadline = performance.now() + timeouts.applicationMs
  const left = () => Math.max(0, deadline - performance.now())
  const wait = (members: ProcessIdentity[], timeoutMs: number) => processes.waitForEnd(members, { timeoutMs, signal })
  // It may have started others since it was listed.
  const withNew = (members: ProcessIdentity[]) => distinct([...members, ...processes.groupOf(application.process)])
  const ask = async (members: ProcessIdentity[]) => {
    const outcomes = await allOf(members.map((member) => askToEnd(member, left() / 2, context)))
    return !outcomes.includes('refused')
  }
  const refused = { error: 'the kernel refused to signal it' }
  let running = withNew(application.processes)
  const isMain = (member: ProcessIdentity) => sameProcess(member, application.process)
  if (!(await ask(running.filter(isMain)))) return refused
  await wait(running.filter(isMain), running.every(isMain) ? left() : Math.min(childrenMs, left() / 2))
  running = withNew(await wait(running, 0))
  if (!(await ask(running.filter((member) => !isMain(member))))) return refused
  running = await wait(running, left())
  if (running.length === 0) return {}
  if (!force) return { error: `it did not end within ${timeouts.applicationMs / 1000} s: ${pids(running)}` }
  running = withNew(running)
  for (const member of running) processes.kill(member)
  running = await wait(running, killedMs)
  return running.length === 0
    ? { forced: true }
    : { forced: true, error: `it lives on after SIGKILL: ${pids(running)}` }
}

/** One that takes part is told to save and end, and gets SIGTERM where it still runs when it is done or the time is over. */
async function askToEnd(member: ProcessIdentity, timeoutMs: number, { processes, asked, signal }: StopContext) {
  const done = asked?.conversationWith(member)?.end()
  if (done) {
    const started = performance.now()
    await processes.waitForEnd([member], { timeoutMs, signal, unless: done })
    const left = timeoutMs - (performance.now() - started)
    await processes.waitForEnd([member], { timeoutMs: Math.max(0, Math.min(doneMs, left)), signal })
  }
  return processes.ask(member)
}

function distinct(processes: ProcessIdentity[]): ProcessIdentity[] {
  return [...new Map(processes.map((one) => [processKey(one), one])).values()]
}

function pids(processes: ProcessIdentity[]): string {
  return processes.map(({ pid }) => `process ${pid}`).join(', ')
}
