import { lstatSync } from 'node:fs'
import { startedAt, startedBefore } from '../../linux/clock.ts'
import { readLink } from '../../linux/process-details.ts'
import { exactNumberOf } from '../../linux/file-number.ts'
import type { Findings } from '../findings.ts'
import { everyFile, ScriptFinder, type ScriptFile } from '../scripts/index.ts'
import { mayBeInstalled } from './out-of-date.ts'

/** A program may be started so soon after its files were written, in milliseconds: more than the clocks differ by, and a fork takes. */
const grace = 1000
/** What a program may load that is no code of its own: byte code, which it writes itself, and data. */
const noSource = /\/__pycache__\/|\.json$/

/**
 * Looks for those who run scripts and modules that have been replaced, changed or removed since. Nothing holds what has been
 * read, so this is the one place where time stamps decide, and the only one that has to believe the clock.
 */
export class StaleScripts {
  readonly #finder: ScriptFinder

  constructor() {
    this.#finder = new ScriptFinder(everyFile)
  }

  /** `startTime`: of the process, in ticks. Throws as `ScriptFinder.find`. */
  *look(startTime: bigint, thread: number, executable: string, findings: Findings): Generator<void, void> {
    // Not later than it was: what has not changed since need not be looked at.
    const started = startedAt(startTime).getTime()
    const { files, removed, gap } = yield* this.#finder.find(thread, executable, started)
    for (const file of files) {
      const { name } = file
      if (name === null || noSource.test(name) || !mayBeInstalled(name)) continue
      if (startedBefore(startTime, writtenAt(file) - grace)) findings.add([{ path: name, replaced: true }], 'script')
    }
    // Whoever has changed its root since (chroot(2)) has read its script elsewhere.
    if (removed !== null && mayBeInstalled(removed) && readLink(thread, 'root') === '/')
      findings.add([{ path: removed, replaced: true }], 'script')
    if (gap) findings.note(gap)
  }
}

/**
 * When the content came there, in milliseconds since 1970: the birth of a file that was put in the place of another, whatever
 * times it was given, or the last change of one that was edited. Mode, owner and links change the status change time only; it
 * decides where the file system keeps no birth time (STATX_BTIME, statx(2)), and a modification time beyond it was set by
 * somebody. `Infinity` where it is another file by now.
 */
function writtenAt({ path, ino }: ScriptFile): number {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (!status || exactNumberOf(status).ino !== ino) return Infinity
  const [birth, modified, changed] = [Number(status.birthtimeMs), Number(status.mtimeMs), Number(status.ctimeMs)]
  return Math.max(birth || changed, modified <= changed ? modified : 0)
}
