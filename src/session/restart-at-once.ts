import {
  allOf,
  inOrderOfShutdown,
  untouchedResult,
  type AffectedApplication,
  type ApplicationResult,
  type Timeouts,
} from '../model/index.ts'
import { restartService, startApplications } from '../restart/index.ts'
import { askApplications, stopApplications, type Asked, type ToStop } from '../shutdown/index.ts'
import { withStanding } from './down.ts'
import type { Operation } from './operation.ts'
import { restartRecord } from './restart-record.ts'
import { asItIsNow } from './shutdown.ts'

/**
 * Restarts these, services in one job each, class by class in the order of shutdown; programs are stopped, and started when
 * all services have been restarted. Everything is written down before anything is stopped. One that does not stop or come back holds up nobody: it is a row.
 * Rejects with CANCELLED; what is stopped then is for `restart`.
 */
export async function restartAtOnce(
  operation: Operation,
  applications: AffectedApplication[],
  timeouts: Required<Timeouts>,
): Promise<ApplicationResult[]> {
  const { doorways, signal, progress } = operation
  progress.begin(applications.length)
  const asked = await askApplications(applications, { ...doorways, timeouts, signal })
  try {
    return await restartAgreed(operation, applications, { timeouts, asked })
  } finally {
    asked.stay()
  }
}

interface Agreement {
  timeouts: Required<Timeouts>
  asked: Asked
}

async function restartAgreed(operation: Operation, applications: AffectedApplication[], agreement: Agreement) {
  const { stored, doorways, signal, progress } = operation
  const { timeouts, asked } = agreement
  const left: ApplicationResult[] = []
  const willing: AffectedApplication[] = []
  for (const application of applications) {
    // As in a shutdown: who has ended, or has taken its registration back meanwhile, is left alone.
    const now = asItIsNow(application, doorways)
    const why = asked.refusalOf(application) ?? now.notRestartable
    const { service, process } = application
    if (service === null && !doorways.processes.isRunning(process))
      left.push(untouchedResult(application, 'stopped-other'))
    else if (why === null) willing.push(now)
    else left.push({ ...untouchedResult(now, 'running'), error: why })
  }
  left.forEach((row) => progress.settled(row))
  if (willing.length === 0) return left
  await doorways.shutdownDelay.take()
  const records = willing.map((application) => ({
    application,
    status: ['running' as const],
    restartRecord: restartRecord(application, doorways),
  }))
  const ids = await stored.addApplications(records)
  const items = willing.map((application, index) => ({ id: ids[index] ?? 0, application }))
  const rows: ApplicationResult[] = []
  for (const members of inOrderOfShutdown(items)) {
    if (signal.aborted) for (const { id } of members) await stored.addStatus(id, 'running')
    else rows.push(...(await stopOrRestart(operation, members, agreement)))
  }
  signal.throwIfAborted()
  const programs = (await stored.applications()).filter(
    ({ id, application }) => ids.includes(id) && application.service === null,
  )
  const started = await startApplications(await withStanding(programs, 'down', doorways), {
    ...doorways,
    timeouts,
    signal,
    made: (id, process) => stored.setMade(id, process),
    async settled(id, result) {
      await stored.addStatus(id, result.outcome)
      progress.settled(result)
    },
  })
  return [...left, ...rows, ...started]
}

/** Those of one class: rows of the services, and of the programs that did not stop. */
async function stopOrRestart(operation: Operation, members: ToStop[], { timeouts, asked }: Agreement) {
  const { stored, doorways, signal, progress } = operation
  const context = { ...doorways, timeouts, signal }
  const programs = members.filter(({ application }) => application.service === null)
  const services = members.filter(({ application }) => application.service !== null)
  const stopping = stopApplications(programs, {
    ...context,
    force: false,
    asked,
    async settled(id, result) {
      await stored.addStatus(id, result.outcome)
      if (result.error !== null) progress.settled(result)
    },
  }).catch((error: unknown) => {
    // It is cancelled when the other classes have been told so, too.
    if (signal.aborted) return []
    throw error
  })
  const restarting = services.map(async ({ id, application }) => {
    const result = await restartService(application, context)
    await stored.addStatus(id, result.outcome)
    progress.settled(result)
    return result
  })
  const [stopped, restarted] = await Promise.all([stopping, allOf(restarting)])
  return [...stopped.filter(({ error }) => error !== null), ...restarted]
}
