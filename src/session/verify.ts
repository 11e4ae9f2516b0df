import { setTimeout as delay } from 'node:timers/promises'
import { untouchedResult, type AffectedApplication, type ApplicationResult, type Filter } from '../model/index.ts'
import { affectedNow } from './affected.ts'
import { sparedBy } from './filters.ts'
import type { Operation } from './operation.ts'

/** How long somebody who only had a quick look may take to be gone. */
const passingMs = 300

/**
 * Looks again when everything is stopped: a row for each application that uses the files all the same, as it was started
 * meanwhile. Those that a filter spares are meant to run.
 */
export async function stillHeld(operation: Operation, filters: Filter[]): Promise<ApplicationResult[]> {
  if ((await holders(operation, filters)).length === 0) return []
  await delay(passingMs)
  return (await holders(operation, filters)).map((application) => ({
    ...untouchedResult(application, 'error-on-stop'),
    error: `it was started while the others were stopped, and uses ${application.uses[0]?.path ?? 'what was registered'}`,
  }))
}

async function holders({ stored, doorways, signal }: Operation, filters: Filter[]): Promise<AffectedApplication[]> {
  const { applications } = await affectedNow(stored, doorways, { signal, probe: 'off' })
  const spared = sparedBy(filters, applications)
  return applications.filter((one) => one.uses.length > 0 && !spared(one))
}
