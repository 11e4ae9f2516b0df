import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const variable = 'RESTART_MANAGER_RUNTIME_DIR'

/** A temporary folder of a test; its `state` is a runtime directory. Removed when the test is done with it. */
export class Folder implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'restart-manager-test-'))

  constructor() {
    chmodSync(this.root, 0o755)
  }

  get state(): string {
    return join(this.root, 'state')
  }

  /** Its `state` is where sessions of this process and its children live, until the folder is removed. */
  holdingSessions(): this {
    process.env[variable] = this.state
    return this
  }

  path(name: string): string {
    return join(this.root, name)
  }

  write(name: string, text: string): string {
    const path = this.path(name)
    writeFileSync(path, text)
    return path
  }

  directory(name: string): string {
    mkdirSync(this.path(name))
    return this.path(name)
  }

  /** As installers do: the new file is written beside the old one and renamed over it. */
  replace(path: string, text: string): void {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }

  remove(path: string): void {
    rmSync(path, { recursive: true })
  }

  /** Lets every user write into the folder. */
  writable(): void {
    chmodSync(this.root, 0o777)
  }

  give(path: string, user: number): void {
    chownSync(path, user, user)
    chmodSync(path, 0o700)
  }

  [Symbol.dispose](): void {
    if (process.env[variable] === this.state) Reflect.deleteProperty(process.env, variable)
    rmSync(this.root, { recursive: true, force: true })
  }
}
