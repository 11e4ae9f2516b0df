import { allOf, inOrderOfShutdown, type AffectedApplication, type ApplicationResult } from '../model/index.ts'
import { stopApplication, type StopContext } from './stop-application.ts'

/** An application to stop, under the number by which the session knows it. */
export interface ToStop {
  id: number
  application: AffectedApplication
}

/**
 * Stops applications class by class, those of a class at the same time. When one does not stop, the classes after its own
 * are left alone. `settled` is awaited for each as soon as its outcome is known. Rejects with CANCELLED when the signal
 * aborts before all are stopped, after those that were being stopped have settled.
 */
export async function stopApplications(
  items: ToStop[],
  context: StopContext & { settled(id: number, result: ApplicationResult): Promise<void> },
): Promise<ApplicationResult[]> {
  const results: ApplicationResult[] = []
  for (const members of inOrderOfShutdown(items)) {
    if (results.some(({ error }) => error !== null)) {
      results.push(...members.map(({ application }) => untouched(application)))
      continue
    }
    context.signal.throwIfAborted()
    const stopped = members.map(async ({ id, application }) => {
      const result = await stopApplication(application, context)
      await context.settled(id, result)
      return result
    })
    results.push(...(await allOf(stopped)))
    if (results.some(({ error }) => error !== null)) context.signal.throwIfAborted()
  }
  return results
}

function untouched(application: AffectedApplication): ApplicationResult {
  return { application, outcome: 'running', durationMs: 0, forced: false, error: null, journal: [] }
}
