import { setTimeout as delay } from 'node:timers/promises'
import { affectedList } from '../affected/index.ts'
import { detectUses } from '../detection/index.ts'
import {
  untouchedResult,
  type AffectedApplication,
  type ApplicationResult,
  type Filter,
  type Timeouts,
} from '../model/index.ts'
import { stopApplications, type ToStop } from '../shutdown/index.ts'
import { contextOf, ofOthers } from './affected.ts'
import { sparedBy } from './filters.ts'
import { livesOn } from './lives-on.ts'
import type { Operation } from './operation.ts'
import { restartRecord } from './restart-record.ts'

/** How long somebody who only had a quick look may take to be gone. */
const passingMs = 300

export interface StillHeld {
  /** A row for each application that uses the files all the same. */
  held: ApplicationResult[]
  /** Those that the units of stopped services had let live, and that were ended by force, with a row each. */
  ended: { items: ToStop[]; results: ApplicationResult[] }
  /** Files in use by something that no process list shows. */
  heldByUnknown: string[]
}

/** What the look after a shutdown goes by. */
export interface Shutdown {
  filters: Filter[]
  /** What was stopped. */
  stopped: ApplicationResult[]
  /** End those that the units of stopped services let live, where they use the files. */
  force: boolean
  timeouts: Required<Timeouts>
}

/**
 * Looks again when everything is stopped: who uses the files all the same, as it was started meanwhile or as the unit of a
 * service lets it live. Those that a filter spares are meant to run.
 */
export async function stillHeld(operation: Operation, shutdown: Shutdown): Promise<StillHeld> {
  const { filters, stopped, force } = shutdown
  const ended: StillHeld['ended'] = { items: [], results: [] }
  let { holders, heldByUnknown } = await lookAgain(operation, filters)
  if (holders.length === 0 && heldByUnknown.length === 0) return { held: [], ended, heldByUnknown }
  await delay(passingMs)
  ;({ holders, heldByUnknown } = await lookAgain(operation, filters))
  const toEnd = holders.filter(({ uses, critical }) => force && critical === null && livesOn(uses, stopped) !== null)
  if (toEnd.length > 0) {
    Object.assign(ended, await end(operation, toEnd, shutdown))
    ;({ holders, heldByUnknown } = await lookAgain(operation, filters))
  }
  const rows = holders.filter((one) => !toEnd.some(({ process }) => process.pid === one.process.pid))
  return { held: rows.map((one) => heldRow(one, stopped)), ended, heldByUnknown }
}

function heldRow(application: AffectedApplication, stopped: ApplicationResult[]): ApplicationResult {
  const { uses, name } = application
  const meanwhile = `it was started while the others were stopped, and uses ${uses[0]?.path ?? 'what was registered'}`
  return { ...untouchedResult(application, 'error-on-stop'), error: livesOn(uses, stopped, name) ?? meanwhile }
}

/** As all that is stopped, they are written down before. */
async function end(
  { stored, doorways, signal }: Operation,
  applications: AffectedApplication[],
  { timeouts }: Shutdown,
): Promise<StillHeld['ended']> {
  const records = applications.map((application) => ({
    application,
    status: ['running' as const],
    restartRecord: restartRecord(application, doorways),
  }))
  const ids = await stored.addApplications(records)
  const items = applications.map((application, index) => ({ id: ids[index] ?? 0, application }))
  const settled = async (id: number, { outcome }: ApplicationResult) => await stored.addStatus(id, outcome)
  return { items, results: await stopApplications(items, { ...doorways, timeouts, force: true, signal, settled }) }
}

/**
 * What was registered itself was stopped by its manager, or by its identity: that needs no look. systemd forgets what is down,
 * and would read the definition of each service anew.
 */
async function lookAgain({ stored, doorways, signal }: Operation, filters: Filter[]) {
  const { files, directories } = await stored.resources()
  const detection = ofOthers(await detectUses({ files, directories }, { signal }), doorways)
  const { heldByUnknown } = detection
  if (detection.uses.length === 0) return { holders: [], heldByUnknown }
  const found = { detection, processes: [], services: [] }
  const { applications } = await affectedList(found, await contextOf(stored, doorways))
  const spared = sparedBy(filters, applications)
  return { holders: applications.filter((one) => one.uses.length > 0 && !spared(one)), heldByUnknown }
}
