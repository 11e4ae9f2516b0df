import { closeSync, lstatSync, openSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { inspectPrivate, type Finding } from '../../linux/private-entry.ts'

const suffix = '.db'
const sessionName = /^[0-9a-f]{16}\.db$/
/** What SQLite keeps beside a database while it is being changed, and after its changer was killed. */
const journalSuffix = '-journal'

/** Where the session files are, in a runtime directory. */
export function sessionsDirectory(runtimeDirectory: string): string {
  return join(runtimeDirectory, 'sessions')
}

/** The file that one session is kept in. */
export class SessionFile {
  readonly id: string
  readonly path: string
  #inode: string | undefined

  constructor(sessions: string, id: string) {
    this.id = id
    this.path = join(sessions, id + suffix)
  }

  static all(sessions: string): SessionFile[] {
    const names = readdirSync(sessions).filter((name) => sessionName.test(name))
    return names.map((name) => new SessionFile(sessions, basename(name, suffix)))
  }

  /** What is there now; which file it is, is remembered for `isThere`. */
  inspect(): Finding {
    this.#inode = inodeOf(this.path)
    return inspectPrivate(this.path, 'file')
  }

  /** The path still names the file that was inspected. */
  isThere(): boolean {
    return this.#inode !== undefined && inodeOf(this.path) === this.#inode
  }

  /** Makes the empty file; fails where there is one. */
  make(): void {
    makePrivateFile(this.path)
    this.inspect()
  }

  /** Removes it from under all who have it open: mark the session as ended first. */
  remove(): void {
    rmSync(this.path, { force: true })
    rmSync(this.path + journalSuffix, { force: true })
  }
}

/** Mode 0600 from the beginning. It is closed before SQLite opens it: see `inspectPrivate`. */
export function makePrivateFile(path: string): void {
  closeSync(openSync(path, 'wx', 0o600))
}

function inodeOf(path: string): string | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stat && `${stat.dev}:${stat.ino}`
}
