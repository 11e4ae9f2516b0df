import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { whileBusy } from './busy.ts'
import { openDatabase } from './database.ts'

/** One open database; every statement is prepared once. SQLite never waits for a lock here (its busy timeout is 0): it would block the event loop. */
export class Connection {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  private constructor(path: string) {
    this.#database = openDatabase(path)
  }

  /**
   * Opens a database that is there. Tries until `deadline` (of performance.now()), then fails as SQLite does.
   * Without synchronous writing: the state need not outlive the machine, and what a killed process has written stays.
   */
  static async open(path: string, deadline: number): Promise<Connection> {
    const connection = new Connection(path)
    try {
      await whileBusy(deadline, () => connection.exec('PRAGMA synchronous = OFF'))
    } catch (error) {
      connection.close()
      throw error
    }
    return connection
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  /** Answers how many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes)
  }

  get(sql: string, ...values: SQLInputValue[]): unknown {
    return this.#statement(sql).get(...values)
  }

  all(sql: string, ...values: SQLInputValue[]): unknown[] {
    return this.#statement(sql).all(...values)
  }

  /** What `work` sees is one state of the database; nothing is changed. */
  view<T>(work: () => T): T {
    this.exec('BEGIN')
    try {
      return work()
    } finally {
      this.exec('ROLLBACK')
    }
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}
