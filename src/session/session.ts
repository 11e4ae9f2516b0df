import { RestartManagerError } from '../errors/index.ts'
import type { AffectedList, Resources, Role } from '../model/index.ts'
import type { StoredSession } from '../store/session-store.ts'
import { affectedWithHistory } from './affected.ts'
import { closeDoorways, type Doorways } from './doorways.ts'
import type { ListOptions } from './options.ts'
import { identifyResources } from './resources.ts'

/** What both roles may do. */
export interface Session extends AsyncDisposable {
  /** Gives access to the session: hand it to secondaries, and show it to nobody else. */
  readonly key: string
  readonly role: Role
  /**
   * Adds resources; what is there already stays as it was registered first. One transaction: all or nothing. Errors:
   * INVALID_ARGUMENT, PROCESS_NOT_FOUND, INVALID_SESSION, STORE_BUSY, STORE_FAILED, SERVICE_MANAGER_FAILED.
   */
  register(resources: Resources): Promise<void>
  /** This participant has registered all it will, or, after the shutdown, has changed all it will. */
  finished(): Promise<void>
  /** What is affected now; recomputed at every call. Errors: INVALID_SESSION, CANCELLED, INVALID_ARGUMENT, STORE_BUSY, STORE_FAILED. */
  list(options?: ListOptions): Promise<AffectedList>
  /** The primary ends the session for all; a secondary leaves it. */
  end(): Promise<void>
}

/** How a participant got hold of its session. */
export interface Membership {
  key: string
  stored: StoredSession
  participant: number
  doorways: Doorways
}

export abstract class BaseSession implements Session {
  abstract readonly role: Role
  readonly key: string
  protected readonly doorways: Doorways
  readonly #stored: StoredSession
  readonly #participant: number
  #ended = false

  constructor({ key, stored, participant, doorways }: Membership) {
    this.key = key
    this.doorways = doorways
    this.#stored = stored
    this.#participant = participant
  }

  async register(resources: Resources): Promise<void> {
    const identified = await identifyResources(resources, this.doorways.serviceManagers)
    await this.stored().addResources(this.#participant, identified)
  }

  async finished(): Promise<void> {
    await this.stored().setParticipantState(this.#participant, 'finished')
  }

  async list(options: ListOptions = {}): Promise<AffectedList> {
    return affectedWithHistory(this.stored(), this.doorways, options)
  }

  async end(): Promise<void> {
    try {
      await this.leave(this.stored(), this.#participant)
    } catch (error) {
      if (isInvalidSession(error)) await this.letGo()
      throw error
    }
    await this.letGo()
  }

  /** Ends the session unless that has been done, by this participant or by the primary. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return
    await this.end().catch((error: unknown) => {
      if (!isInvalidSession(error)) throw error
    })
  }

  protected abstract leave(stored: StoredSession, participant: number): Promise<void>

  protected stored(): StoredSession {
    if (!this.#ended) return this.#stored
    throw new RestartManagerError('INVALID_SESSION', 'The session has ended', { hint: 'Start another: startSession()' })
  }

  /** Lets go of the files and connections; the session itself stays as it is. */
  protected async letGo(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    this.#stored.close()
    await closeDoorways(this.doorways)
  }
}

function isInvalidSession(error: unknown): boolean {
  return error instanceof RestartManagerError && error.code === 'INVALID_SESSION'
}
