import { allOf, inOrderOfShutdown, type ApplicationResult } from '../model/index.ts'
import { startApplication, type StartContext, type ToStart } from './start-application.ts'

/**
 * Starts applications in reverse order of shutdown, those of a class at the same time. One that does not come back holds
 * nothing up. `settled` is awaited for each as soon as its outcome is known. Rejects with CANCELLED when the signal
 * aborts, after all that were being started have settled.
 */
export async function startApplications(
  items: ToStart[],
  context: StartContext & { settled(id: number, result: ApplicationResult): Promise<void> },
): Promise<ApplicationResult[]> {
  const results: ApplicationResult[] = []
  for (const members of inOrderOfShutdown(items).reverse()) {
    context.signal.throwIfAborted()
    const started = members.map(async (item) => {
      const result = await startApplication(item, context)
      await context.settled(item.id, result)
      return result
    })
    results.push(...(await allOf(started)))
  }
  return results
}
