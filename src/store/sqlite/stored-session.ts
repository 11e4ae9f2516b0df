import type {
  ApplicationStatus,
  Filter,
  FilterTarget,
  Participant,
  ProcessIdentity,
  RegisteredResources,
  Role,
  SessionState,
  SessionSummary,
} from '../../model/index.ts'
import type { ApplicationRecord, NewApplication, StoredSession } from '../session-store.ts'
import { appendStatus, insertApplications, selectApplications, updateMade } from './applications.ts'
import type { Connection } from './connection.ts'
import { storeError } from './failures.ts'
import { deleteFilter, replaceFilter, selectFilters } from './filters.ts'
import { insertParticipant, reopenSecondaries, selectParticipants, updateParticipant } from './participants.ts'
import { insertResources, selectResources } from './resources.ts'
import type { SessionFile } from './session-file.ts'
import { selectSession, stateOf, summarize, type SessionRow } from './session-row.ts'
import { moveState } from './states.ts'
import { Transactions } from './transactions.ts'

/** A session in its file. `state()` never says `abandoned`: that is the owner's story, told by `summary()`. */
export class SqliteSession implements StoredSession {
  readonly id: string
  readonly #file: SessionFile
  readonly #transactions: Transactions

  constructor(connection: Connection, file: SessionFile, lockTimeoutMs: number) {
    this.id = file.id
    this.#file = file
    this.#transactions = new Transactions(connection, file, lockTimeoutMs)
  }

  summary(): Promise<SessionSummary> {
    return this.#transactions.read((connection) => summarize(connection, this.id, sessionRow(connection)))
  }

  addParticipant(process: ProcessIdentity, role: Role): Promise<number> {
    return this.#transactions.write((connection) => insertParticipant(connection, process, role))
  }

  setParticipantState(participant: number, state: 'registering' | 'finished' | 'left'): Promise<void> {
    return this.#transactions.write((connection) => updateParticipant(connection, participant, state))
  }

  reopenParticipants(): Promise<void> {
    return this.#transactions.write(reopenSecondaries)
  }

  participants(): Promise<Participant[]> {
    return this.#transactions.read(selectParticipants)
  }

  addResources(participant: number, resources: RegisteredResources): Promise<void> {
    return this.#transactions.write(async (connection) => {
      updateParticipant(connection, participant, 'registering')
      await insertResources(connection, resources)
    })
  }

  resources(): Promise<RegisteredResources> {
    return this.#transactions.read(selectResources)
  }

  setFilter(filter: Filter): Promise<void> {
    return this.#transactions.write((connection) => replaceFilter(connection, filter))
  }

  removeFilter(target: FilterTarget): Promise<boolean> {
    return this.#transactions.write((connection) => deleteFilter(connection, target))
  }

  filters(): Promise<Filter[]> {
    return this.#transactions.read(selectFilters)
  }

  changeState(from: SessionState[], to: SessionState, operator?: ProcessIdentity): Promise<boolean> {
    return this.#transactions.write((connection) =>
      moveState(connection, sessionRow(connection), { from, to, operator }),
    )
  }

  state(): Promise<SessionState> {
    return this.#transactions.read((connection) => stateOf(sessionRow(connection)))
  }

  shutdownCalled(): Promise<boolean> {
    return this.#transactions.read((connection) => sessionRow(connection).shutdown_called !== 0)
  }

  addApplications(applications: NewApplication[]): Promise<number[]> {
    return this.#transactions.write((connection) => insertApplications(connection, applications))
  }

  addStatus(applicationId: number, status: ApplicationStatus): Promise<void> {
    return this.#transactions.write((connection) => appendStatus(connection, applicationId, status))
  }

  setMade(applicationId: number, process: ProcessIdentity): Promise<void> {
    return this.#transactions.write((connection) => updateMade(connection, applicationId, process))
  }

  applications(): Promise<ApplicationRecord[]> {
    return this.#transactions.read(selectApplications)
  }

  requestCancel(): Promise<void> {
    return this.#transactions.write((connection) => {
      connection.run(`UPDATE session SET cancel_requested = 1 WHERE state IN ('stopping', 'restarting')`)
    })
  }

  cancelRequested(): Promise<boolean> {
    return this.#transactions.read((connection) => sessionRow(connection).cancel_requested !== 0)
  }

  async destroy(): Promise<void> {
    await this.#transactions.write((connection) => connection.exec('UPDATE session SET ended = 1'))
    this.close()
    try {
      this.#file.remove()
    } catch (error) {
      throw storeError(`Cannot remove session ${this.id}`, error)
    }
  }

  close(): void {
    this.#transactions.close()
  }
}

/** It is there: a transaction begins with looking at it. */
function sessionRow(connection: Connection): SessionRow {
  return selectSession(connection) as SessionRow
}
