import {
  allOf,
  inOrderOfShutdown,
  untouchedResult,
  type AffectedApplication,
  type ApplicationResult,
} from '../model/index.ts'
import { stopApplication, type StopContext } from './stop-application.ts'

/** An application to stop, under the number by which the session knows it. */
export interface ToStop {
  id: number
  application: AffectedApplication
}

/**
 * Stops applications class by class, those of a class at the same time. When one does not stop, or the signal aborts, the
 * classes after its own are left alone (`running`). `settled` is awaited for each as soon as its outcome is known. Rejects
 * with CANCELLED when the signal has aborted before all were stopped, after all have settled.
 */
export async function stopApplications(
  items: ToStop[],
  context: StopContext & { settled(id: number, result: ApplicationResult): Promise<void> },
): Promise<ApplicationResult[]> {
  const results: ApplicationResult[] = []
  for (const members of inOrderOfShutdown(items)) {
    const leave = context.signal.aborted || results.some(({ error }) => error !== null)
    const settle = members.map(async ({ id, application }) => {
      const result = leave ? untouchedResult(application, 'running') : await stopApplication(application, context)
      await context.settled(id, result)
      return result
    })
    results.push(...(await allOf(settle)))
  }
  if (results.some(({ outcome }) => outcome !== 'stopped')) context.signal.throwIfAborted()
  return results
}
