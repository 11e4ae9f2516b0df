import type { EndRequest } from '../../model/index.ts'

// An installer and an application talk in lines of JSON, each with the version of this protocol:
//   installer    {"version":1,"type":"query","reason":"close-app"}        may it be ended?
//   application  {"version":1,"type":"answer","agrees":true,"why":null}
//   installer    {"version":1,"type":"end","reason":"close-app"}          save and end; or "stay"
//   application  {"version":1,"type":"done"}                              its handlers have done what they do
// A connection that closes after the question and before `end` means `stay`.

const version = 1

export type InstallerMessage = { type: 'query' | 'end' | 'stay' } & EndRequest

/** Whether an application may be ended. */
export interface Answer {
  agrees: boolean
  /** For a person, where it does not agree and there is more to say; null otherwise. */
  why: string | null
}

export type ApplicationMessage = ({ type: 'answer' } & Answer) | { type: 'done' }

export function toLine(message: InstallerMessage | ApplicationMessage): string {
  return `${JSON.stringify({ version, ...message })}\n`
}

/** What a line says; null for anything that is no message of this version. */
export function parseLine(line: string): ({ type: string } & Record<string, unknown>) | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const message = value as Record<string, unknown>
  return message['version'] === version && typeof message['type'] === 'string'
    ? { ...message, type: message['type'] }
    : null
}

const longestReason = 200

/** Null for anything that is no answer. What another user wrote has a bounded length. */
export function answerFrom(message: ReturnType<typeof parseLine>): Answer | null {
  if (message?.type !== 'answer' || typeof message['agrees'] !== 'boolean') return null
  const why = message['why']
  return { agrees: message['agrees'], why: typeof why === 'string' ? why.slice(0, longestReason) : null }
}
