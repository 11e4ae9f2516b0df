import { RestartManagerError } from '../errors/index.ts'
import type { StoredSession } from '../store/session-store.ts'

const intervalMs = 100

/**
 * Brings the ways to cancel an operation together in one signal: the caller's own, and `cancel()` from whichever process,
 * which leaves its request in the store; that is looked at every 100 ms.
 */
export class Cancellation {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #forget: () => void

  constructor(stored: StoredSession, caller: AbortSignal | undefined) {
    const onAbort = () => this.#cancel()
    caller?.addEventListener('abort', onAbort, { once: true })
    this.#forget = () => caller?.removeEventListener('abort', onAbort)
    if (caller?.aborted) this.#cancel()
    this.#timer = setInterval(() => void this.#look(stored), intervalMs)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  end(): void {
    clearInterval(this.#timer)
    this.#forget()
  }

  async #look(stored: StoredSession): Promise<void> {
    // A store that cannot be read stops no operation: its next own step says so.
    if (await stored.cancelRequested().catch(() => false)) this.#cancel()
  }

  #cancel(): void {
    if (this.signal.aborted) return
    this.#controller.abort(new RestartManagerError('CANCELLED', 'The operation was cancelled'))
  }
}
