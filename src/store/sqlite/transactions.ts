import type { Connection } from './connection.ts'
import { whileBusy } from './busy.ts'
import { sessionEnded, storeError } from './failures.ts'
import type { SessionFile } from './session-file.ts'

type Work<T> = (connection: Connection) => T | Promise<T>

/**
 * The transactions of one open session, one after the other: a connection has one transaction at a time, and a long one
 * gives way to the event loop between its slices. Each rejects with INVALID_SESSION where the session has been ended,
 * its file has been removed or replaced, or it has been closed here; with STORE_BUSY; with STORE_FAILED.
 */
export class Transactions {
  readonly #connection: Connection
  readonly #file: SessionFile
  readonly #lockTimeoutMs: number
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #closed = false

  constructor(connection: Connection, file: SessionFile, lockTimeoutMs: number) {
    this.#connection = connection
    this.#file = file
    this.#lockTimeoutMs = lockTimeoutMs
  }

  /** One consistent view; changes nothing. */
  read<T>(work: Work<T>): Promise<T> {
    return this.#inTurn('read', 'BEGIN', work)
  }

  /** All of it or nothing; nobody else writes meanwhile. */
  write<T>(work: Work<T>): Promise<T> {
    return this.#inTurn('change', 'BEGIN IMMEDIATE', work)
  }

  /** Takes no new work; the file is let go when the work that was taken is done, at once where there is none. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#waiting === 0) this.#connection.close()
  }

  async #inTurn<T>(verb: string, begin: string, work: Work<T>): Promise<T> {
    if (this.#closed) throw sessionEnded()
    this.#waiting++
    const turn = this.#last.then(() => this.#transact(begin, work))
    this.#last = turn.catch(() => undefined)
    try {
      return await turn
    } catch (error) {
      throw storeError(`Cannot ${verb} session ${this.#file.id}`, error)
    } finally {
      this.#leave()
    }
  }

  #leave(): void {
    this.#waiting--
    if (this.#closed && this.#waiting === 0) this.#connection.close()
  }

  async #transact<T>(begin: string, work: Work<T>): Promise<T> {
    await whileBusy(this.#deadline(), () => this.#begin(begin))
    try {
      const result = await work(this.#connection)
      await whileBusy(this.#deadline(), () => this.#connection.exec('COMMIT'))
      return result
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  #begin(begin: string): void {
    if (!this.#file.isThere()) throw sessionEnded()
    this.#connection.exec(begin)
    try {
      const { ended } = this.#connection.get('SELECT ended FROM session') as { ended: number }
      if (ended !== 0) throw sessionEnded()
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  #rollBack(): void {
    try {
      this.#connection.exec('ROLLBACK')
    } catch {
      // SQLite has rolled back itself: it does after a full disk or an I/O error (sqlite.org/lang_transaction.html).
    }
  }

  #deadline(): number {
    return performance.now() + this.#lockTimeoutMs
  }
}
