import { RestartManagerError } from '../errors/index.ts'
import type {
  InPlaceOptions,
  InPlaceResult,
  Participant,
  RestartOptions,
  RestartResult,
  SessionSummary,
  ShutdownOptions,
  ShutdownResult,
} from '../model/index.ts'
import type { StoredSession } from '../store/session-store.ts'
import { filtersOf, type Filters } from './filters.ts'
import { restartInPlace } from './in-place.ts'
import type { SessionParts } from './operation.ts'
import { restart } from './restart.ts'
import { BaseSession, type Membership, type Session } from './session.ts'
import { shutdown } from './shutdown.ts'
import { waitForParticipants, type WaitOptions } from './wait-for-participants.ts'

/** The primary alone decides what is stopped and started. */
export interface PrimarySession extends Session {
  readonly role: 'primary'
  readonly filters: Filters
  participants(): Promise<Participant[]>
  /** The session as `listSessions` shows it. */
  summary(): Promise<SessionSummary>
  /** Resolves when at least `atLeast` secondaries (0) have joined and every one has finished, left or died. Rejects with CANCELLED at the time-out too. */
  waitForParticipants(options?: WaitOptions): Promise<void>
  /**
   * Stops what is affected now. Errors: REBOOT_REQUIRED (nothing was stopped), FAIL_SHUTDOWN (what had been stopped was
   * started again; `result` has a row an application), CANCELLED (what is stopped stays so until `restart`), OUT_OF_SEQUENCE.
   */
  shutdown(options?: ShutdownOptions): Promise<ShutdownResult>
  /**
   * Starts again what was stopped, and looks who uses old versions all the same (`remaining`). Errors: FAIL_RESTART (`result`
   * has a row an application), OUT_OF_SEQUENCE, CANCELLED.
   */
  restart(options?: RestartOptions): Promise<RestartResult>
  /**
   * Restarts, once the files have been changed, whoever uses the old version of a registered file, and the processes and
   * services that were registered themselves. Best effort: what is left is in `remaining`. Errors: FAIL_RESTART (something did
   * not come back; `result` has a row an application), OUT_OF_SEQUENCE, CANCELLED (what is stopped stays so until `restart`).
   */
  restartInPlace(options?: InPlaceOptions): Promise<InPlaceResult>
  /** Cancels the shutdown or restart that is running, in whichever process; nothing happens where none is. */
  cancel(): Promise<void>
}

export class Primary extends BaseSession implements PrimarySession {
  readonly role = 'primary' as const
  readonly filters: Filters

  constructor(membership: Membership) {
    super(membership)
    this.filters = filtersOf(async () => {
      const stored = this.stored()
      await this.mayDecide(stored, 'filters')
      return stored
    })
  }

  async participants(): Promise<Participant[]> {
    return this.stored().participants()
  }

  async summary(): Promise<SessionSummary> {
    return this.stored().summary()
  }

  async waitForParticipants(options: WaitOptions = {}): Promise<void> {
    await waitForParticipants(this.stored(), options)
  }

  async shutdown(options: ShutdownOptions = {}): Promise<ShutdownResult> {
    const parts = await this.#stopping('shutdown')
    const result = await shutdown(parts, options)
    await parts.stored.reopenParticipants()
    return result
  }

  async restart(options: RestartOptions = {}): Promise<RestartResult> {
    return restart(await this.#deciding('restart'), options)
  }

  async restartInPlace(options: InPlaceOptions = {}): Promise<InPlaceResult> {
    return restartInPlace(await this.#stopping('restart in place'), options)
  }

  async cancel(): Promise<void> {
    const { stored } = await this.#deciding('cancel')
    await stored.requestCancel()
  }

  /** Ends the session, unless something that it stopped is still down: the record of that must not be lost. */
  override async [Symbol.asyncDispose](): Promise<void> {
    if (await this.#holdsStopped()) await this.letGo()
    else await super[Symbol.asyncDispose]()
  }

  protected override async leave(stored: StoredSession): Promise<void> {
    await this.mayDecide(stored, 'end')
    const state = await stored.state()
    if (state === 'stopping' || state === 'restarting') {
      throw new RestartManagerError('OUT_OF_SEQUENCE', `An operation is running: the session is ${state}`, {
        hint: 'Wait for it, or end it: restartctl session cancel',
      })
    }
    await stored.destroy()
  }

  /** Rejects with NOT_PRIMARY where the caller may not do what the primary alone decides. Who started the session may. */
  protected async mayDecide(_stored: StoredSession, _action: string): Promise<void> {
    // Nothing to look at.
  }

  async #deciding(action: string): Promise<SessionParts> {
    const stored = this.stored()
    await this.mayDecide(stored, action)
    return { stored, doorways: this.doorways }
  }

  /** Stopping is for a living session only: nobody would be there to start it again. */
  async #stopping(action: string): Promise<SessionParts> {
    const parts = await this.#deciding(action)
    const { state, owner } = await parts.stored.summary()
    if (state !== 'abandoned') return parts
    throw new RestartManagerError(
      'INVALID_SESSION',
      `The session is abandoned: its owner, process ${owner.pid}, has ended`,
      {
        hint: 'Start again what it stopped: restartctl recover',
      },
    )
  }

  async #holdsStopped(): Promise<boolean> {
    try {
      return (await this.stored().state()) === 'stopped'
    } catch {
      // It has ended, or cannot be read: what happens next says so.
      return false
    }
  }
}
