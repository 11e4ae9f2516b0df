import { bootId } from '../../linux/boot.ts'
import type { ProcessIdentity } from '../../model/index.ts'

/** A process as a row holds it: the start time as decimal text. */
export interface StoredProcess {
  pid: number
  start_time: string
}

export function toIdentity(row: StoredProcess): ProcessIdentity {
  return { pid: row.pid, startTime: BigInt(row.start_time) }
}

/** Nothing of an earlier boot runs any more, whatever has its pid and start time now. */
export function isThisBoot(storedBootId: string): boolean {
  return storedBootId === bootId()
}
