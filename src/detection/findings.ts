import { procFailure } from '../linux/proc-error.ts'
import { useKinds, type FileUse, type ProcessIdentity, type UseKind } from '../model/index.ts'
import type { Target } from './target-index.ts'

/** What a look at one process brought. */
export class Findings {
  readonly #kinds = new Map<Target, Set<UseKind>>()
  /** The first reason why a part of it could not be looked at. */
  refusal: Error | null = null
  /** A part of it went while it was looked at: it ends, or it runs another program now. */
  vanished = false

  add(targets: readonly Target[], kind: UseKind): void {
    for (const target of targets) {
      const kinds = this.#kinds.get(target)
      if (kinds) kinds.add(kind)
      else this.#kinds.set(target, new Set([kind]))
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
        if (kinds.has(as)) uses.set(`${as} ${replaced} ${path}`, { path, as, replaced, process })
      }
    }
    return [...uses.values()]
  }
}
