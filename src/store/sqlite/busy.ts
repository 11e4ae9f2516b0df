import { setTimeout } from 'node:timers/promises'
import { sqliteCode, SQLITE_BUSY } from './failures.ts'

/** With 200 processes at once, 100 ms took a quarter of the time that 20 ms took: every attempt costs a waiting processor. */
const longestDelayMs = 100

/**
 * Tries again and again while another process has the lock, in random steps so that many waiting processes do not meet
 * again, and never blocks. At `deadline` (of performance.now()) the last SQLITE_BUSY is thrown; other errors at once.
 */
export async function whileBusy<T>(deadline: number, attempt: () => T): Promise<T> {
  for (let limitMs = 1; ; limitMs = Math.min(limitMs * 2, longestDelayMs)) {
    try {
      return attempt()
    } catch (error) {
      if (sqliteCode(error) !== SQLITE_BUSY || performance.now() >= deadline) throw error
    }
    await setTimeout(1 + Math.random() * limitMs)
  }
}
