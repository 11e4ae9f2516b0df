import { sameProcess, type AffectedApplication, type ApplicationResult } from '../model/index.ts'
import type { Service } from '../services/service-manager.ts'
import type { StartContext } from './start-application.ts'

/**
 * Restarts one service in a single job of its manager, so that its sockets, stored descriptors and clients survive, and waits
 * until it is up. A failure is an outcome: `error-on-restart` where it is down, `running` where nothing has been done to it,
 * `error-on-stop` where it is on its way. Never rejects.
 */
export async function restartService(
  application: AffectedApplication,
  context: Omit<StartContext, 'made'>,
): Promise<ApplicationResult> {
  const { serviceManagers, timeouts, signal } = context
  const started = performance.now()
  const manager = serviceManagers.find(({ name }) => name === application.serviceManager)
  const name = application.service ?? ''
  let service: Service | null = null
  let error: string | null = `no service manager ${String(application.serviceManager)} here`
  let journal: string[] = []
  let left: ApplicationResult['left']
  try {
    if (manager) {
      const outcome = await manager.restart(name, {
        timeoutMs: timeouts.serviceMs,
        signal,
        processes: application.processes.map(({ pid }) => pid),
      })
      error = outcome.message
      journal = outcome.journal
      const living = outcome.left.flatMap((pid) => context.processes.identify(pid) ?? [])
      if (outcome.leftBy !== undefined) left = { processes: living, by: outcome.leftBy }
      service = await manager.describe(name)
    }
  } catch (thrown) {
    error = signal.aborted ? 'cancelled while it was being restarted' : (thrown as Error).message
  }
  const processes = (service?.processes ?? []).flatMap((pid) => context.processes.identify(pid) ?? [])
  const [main = { pid: 0, startTime: 0n }] = processes
  const isSame = sameProcess(main, application.process)
  return {
    application: { ...application, process: main, processes },
    outcome: outcomeOf(service, error, isSame),
    durationMs: Math.round(performance.now() - started),
    forced: false,
    error,
    journal,
    ...(left && { left }),
  }
}

function outcomeOf(service: Service | null, error: string | null, isSame: boolean): ApplicationResult['outcome'] {
  if (!service) return 'error-on-stop'
  const isDown = service.state === 'inactive' || service.state === 'failed'
  // One that was down already stays down.
  if (error === null) return isDown ? 'stopped-other' : 'restarted'
  if (isDown) return 'error-on-restart'
  return isSame && service.state === 'active' ? 'running' : 'error-on-stop'
}
