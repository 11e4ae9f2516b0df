import type { AffectedApplication, ApplicationResult, ProcessIdentity, Timeouts } from '../model/index.ts'
import type { ProcessManager, ProcessRestartRecord } from '../processes/process-manager.ts'
import type { ServiceManager } from '../services/service-manager.ts'

/** An application to start again, under the number by which the session knows it. */
export interface ToStart {
  id: number
  application: AffectedApplication
  /** What was written down before it was stopped; null where it cannot be started again. */
  restartRecord: unknown
}

export interface StartContext {
  processes: ProcessManager
  serviceManagers: ServiceManager[]
  timeouts: Pick<Required<Timeouts>, 'serviceMs'>
  signal: AbortSignal
  /** Awaited when there is a process for an application, before the application runs in it. */
  made(id: number, process: ProcessIdentity): Promise<void>
}

/** Starts one application again and waits until it is up. A failure is an outcome; rejects with CANCELLED only. */
export async function startApplication(item: ToStart, context: StartContext): Promise<ApplicationResult> {
  const started = performance.now()
  const {
    processes,
    error,
    journal,
    changed = [],
    withdrawn = null,
  } = await (item.application.service === null ? startProcess : startService)(item, context)
  const [main] = processes
  const application = main ? { ...item.application, process: main, processes } : item.application
  const outcome = error === null ? 'restarted' : 'error-on-restart'
  return {
    ...(withdrawn === null
      ? { application, outcome }
      : { application: { ...application, restartable: false, notRestartable: withdrawn }, outcome: 'stopped-other' }),
    durationMs: Math.round(performance.now() - started),
    forced: false,
    error,
    journal,
    ...(changed.length > 0 && { changed }),
  }
}

interface Started {
  /** Its processes now, the main one first. */
  processes: ProcessIdentity[]
  error: string | null
  journal: string[]
  /** What could not be given back, of a program's context or of what was up with a service. */
  changed?: string[]
  /** Why it is not started any more, as somebody does not want it started; null where nobody has said so. */
  withdrawn?: string | null
}

async function startService({ application }: ToStart, context: StartContext): Promise<Started> {
  const { timeouts, signal, serviceManagers, processes } = context
  const manager = serviceManagers.find(({ name }) => name === application.serviceManager)
  if (!manager || application.service === null)
    return failed(`no service manager ${String(application.serviceManager)} here`)
  try {
    const outcome = await manager.start(application.service, {
      timeoutMs: timeouts.serviceMs,
      signal,
      giveBack: application.held,
      wasDown: true,
      heldOnly: application.down === true,
    })
    if (outcome.result === 'withdrawn') return { processes: [], error: null, journal: [], withdrawn: outcome.message }
    if (outcome.result !== 'done') return failed(outcome.message ?? 'it did not start', outcome.journal)
    const { changed = [] } = outcome
    const service = application.down ? null : await manager.describe(application.service)
    return {
      processes: (service?.processes ?? []).flatMap((pid) => processes.identify(pid) ?? []),
      error: null,
      journal: [],
      changed,
    }
  } catch (error) {
    if (signal.aborted) throw error
    return failed((error as Error).message)
  }
}

async function startProcess({ id, restartRecord }: ToStart, context: StartContext): Promise<Started> {
  if (!restartRecord) return failed('it could not be seen how it was started')
  try {
    const record = restartRecord as ProcessRestartRecord
    const started = await context.processes.start(record, (process) => context.made(id, process))
    return { processes: [started.process], error: null, journal: [], changed: started.changed }
  } catch (error) {
    return failed((error as Error).message)
  }
}

function failed(error: string, journal: string[] = []): Started {
  return { processes: [], error, journal }
}
