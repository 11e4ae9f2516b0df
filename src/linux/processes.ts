import { readdirSync } from 'node:fs'

/** The pids that `/proc` shows, in its order. */
export function listPids(): number[] {
  const pids: number[] = []
  for (const entry of readdirSync('/proc')) {
    const code = entry.charCodeAt(0)
    if (code >= 48 && code <= 57) pids.push(Number(entry))
  }
  return pids
}
