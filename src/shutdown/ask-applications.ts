import { allOf, processKey, type AffectedApplication, type ProcessIdentity, type Timeouts } from '../model/index.ts'
import type { Conversation, ProcessManager } from '../processes/process-manager.ts'

/** What came of asking, and the processes that wait to hear more. */
export interface Asked {
  /** Why an application may not be ended; null where it agreed, or does not take part. */
  refusalOf(application: AffectedApplication): string | null
  /** Undefined where the process does not take part. */
  conversationWith(process: ProcessIdentity): Conversation | undefined
  /** Everybody who was asked and has not been told to end is told to stay. */
  stay(): void
}

interface AskContext {
  processes: ProcessManager
  timeouts: Pick<Required<Timeouts>, 'queryMs'>
  signal: AbortSignal
}

/**
 * Asks all processes of these applications at the same time whether they may be ended. Services are not asked: to stop them
 * is between them and their manager. Rejects with CANCELLED, after everybody has been told to stay.
 */
export async function askApplications(applications: AffectedApplication[], context: AskContext): Promise<Asked> {
  const { processes, timeouts, signal } = context
  const programs = applications.filter(({ service }) => service === null)
  const members = programs.flatMap((application) => application.processes)
  const conversations = new Map<string, Conversation>()
  const asking = allOf(
    members.map(async (member) => {
      const conversation = await processes.query(member, { timeoutMs: timeouts.queryMs, signal })
      if (conversation) conversations.set(processKey(member), conversation)
    }),
  )
  const asked: Asked = {
    refusalOf({ service, processes: all }) {
      if (service !== null) return null
      const refusals = all.map((member) => conversations.get(processKey(member))?.refusal ?? null)
      return refusals.find((refusal) => refusal !== null) ?? null
    },
    conversationWith: (member) => conversations.get(processKey(member)),
    stay() {
      for (const conversation of conversations.values()) conversation.stay()
    },
  }
  try {
    await asking
    signal.throwIfAborted()
  } catch (error) {
    asked.stay()
    throw error
  }
  return asked
}
