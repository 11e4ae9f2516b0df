import { readlinkSync } from 'node:fs'
import { startedBefore } from '../linux/clock.ts'
import { procFailure } from '../linux/proc-error.ts'
import { magicLink } from '../linux/process-files.ts'
import type { ProcessStat } from '../linux/process-stat.ts'
import { listPids } from '../linux/processes.ts'
import type { Findings } from './findings.ts'
import { targetsReached } from './matching.ts'
import { languageOf, languages, ScriptFinder, type Language, type ScriptFindings } from './scripts/index.ts'
import type { TargetIndex } from './target-index.ts'
import type { DetectionTargets } from './targets.ts'

/** Looks for those who run a target as a script, or have it among the modules of their program, and hold nothing of it. */
export class ScriptLook {
  readonly #index: TargetIndex
  readonly #finder: ScriptFinder

  constructor(index: TargetIndex, targets: DetectionTargets) {
    this.#index = index
    let found: ReadonlySet<Language> | undefined
    this.#finder = new ScriptFinder({
      has: (ino) => index.candidates(ino) !== undefined,
      // Known only once somebody runs scripts at all.
      get languages() {
        return (found ??= languagesIn(targets))
      },
      paths: [...targets.files, ...targets.directories].map(({ path }) => path),
    })
  }

  /** The pids of those that seem to use a target, or could not be looked at. */
  *suspects(): Generator<void, ReadonlySet<number>> {
    const suspects = new Set<number>()
    for (const pid of listPids()) {
      try {
        const { files, gap } = yield* this.#find(pid)
        if (files.length > 0 || gap) suspects.add(pid)
      } catch (error) {
        if (procFailure(error) !== 'vanished') suspects.add(pid)
      }
      yield
    }
    return suspects
  }

  /**
   * The file that is found is the one that is there now. Where it is another than was registered, whoever started before it
   * came has read the old one: that cannot be told by identity, as nothing holds what has been read.
   */
  *look({ identity }: ProcessStat, thread: number, findings: Findings): Generator<void, void> {
    try {
      const { files, gap } = yield* this.#find(thread)
      for (const file of files) {
        const read = targetsReached(this.#index, file).map((target) => {
          const old = this.#index.replacedVersion(target.path)
          return old && file.changedAt !== null && startedBefore(identity.startTime, file.changedAt) ? old : target
        })
        findings.add(read, 'script')
      }
      if (gap) findings.note(gap)
    } catch (error) {
      findings.note(error)
    }
  }

  #find(thread: number): Generator<void, ScriptFindings> {
    return this.#finder.find(thread, readlinkSync(magicLink(thread, 'exe')))
  }
}

function languagesIn({ files, directories }: DetectionTargets): ReadonlySet<Language> {
  const found = new Set<Language>(directories.length > 0 ? languages : [])
  for (const { path } of files) {
    if (found.size === languages.length) break
    const language = languageOf(path)
    if (language) found.add(language)
  }
  return found
}
