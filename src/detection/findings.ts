import { procFailure } from '../linux/proc-error.ts'
import { useKinds, type FileUse, type ProcessIdentity, type UseKind } from '../model/index.ts'

/** A file that is used: as it is called, and which version of it. */
export interface UsedFile {
  path: string
  replaced: boolean
}

/** What a look at one process brought. */
export class Findings {
  /** For each file the kinds of use, and for each kind whether all of it is by O_PATH. */
  readonly #kinds = new Map<UsedFile, Map<UseKind, boolean>>()
  /** The first reason why a part of it could not be looked at. */
  refusal: Error | null = null
  /** A part of it went while it was looked at: it ends, or it runs another program now. */
  vanished = false

  /** `pathOnly`: by a descriptor that only names it (O_PATH). */
  add(files: readonly UsedFile[], kind: UseKind, pathOnly = false): void {
    for (const file of files) {
      const kinds = this.#kinds.get(file)
      if (kinds) kinds.set(kind, pathOnly && kinds.get(kind) !== false)
      else this.#kinds.set(file, new Map([[kind, pathOnly]]))
    }
  }

  /** Keeps why a part could not be looked at. Throws the error again where it is this process that is in trouble. */
  note(error: unknown): void {
    const failure = procFailure(error)
    if (failure === 'ours' || !(error instanceof Error)) throw error
    if (failure === 'vanished') this.vanished = true
    else this.refusal ??= error
  }

  get isEmpty(): boolean {
    return this.#kinds.size === 0 && this.refusal === null && !this.vanished
  }

  /** Each kind of use once a path and version. What runs a file maps it too: that says nothing more. */
  uses(process: ProcessIdentity): FileUse[] {
    const uses = new Map<string, FileUse>()
    for (const [{ path, replaced }, kinds] of this.#kinds) {
      if (kinds.has('executable')) kinds.delete('mapped')
      for (const as of useKinds) {
        const all = kinds.get(as)
        if (all === undefined) continue
        const key = `${as} ${replaced} ${path}`
        const use = uses.get(key)
        const pathOnly = all && (!use || use.pathOnly === true)
        uses.set(key, { path, as, replaced, process, ...(pathOnly && { pathOnly }) })
      }
    }
    return [...uses.values()]
  }
}
