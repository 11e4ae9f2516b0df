import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathBytes } from '../../src/text/path-bytes.ts'
import type { FileSystem, Twin } from './file-systems.ts'

/** The folder of one case. Its methods take and answer paths as they are seen once the file system is mounted. */
export class Stage {
  readonly #system: FileSystem
  readonly folder: string
  readonly #user: number

  constructor(system: FileSystem, name: string, user: number) {
    this.#system = system
    this.folder = join(system.root, name)
    this.#user = user
    mkdirSync(this.#place(this.folder), { recursive: true })
    this.#give(this.folder)
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  file(name = 'file', content = 'content\n'): string {
    const path = this.path(name)
    writeFileSync(this.#place(path), content)
    return this.#give(path)
  }

  /** A program that writes the first line of its input to its output, and ends with its input. */
  program(name = 'program'): string {
    const path = this.path(name)
    copyFileSync('/bin/cat', this.#place(path))
    return this.#give(path)
  }

  script(name: string, lines: string[]): string {
    const path = this.file(name, `${lines.join('\n')}\n`)
    chmodSync(this.#place(path), 0o755)
    return path
  }

  directory(name: string): string {
    const path = this.path(name)
    mkdirSync(this.#place(path))
    return this.#give(path)
  }

  hardLink(file: string, name: string): string {
    linkSync(this.#place(file), this.#place(this.path(name)))
    return this.path(name)
  }

  symbolicLink(target: string, name: string): string {
    symlinkSync(target, this.#place(this.path(name)))
    return this.path(name)
  }

  /** Renames `from` over `to`, once mounted. */
  rename(from: string, to: string): void {
    renameSync(pathBytes(from), pathBytes(to))
  }

  /** Once mounted. */
  remove(path: string): void {
    rmSync(pathBytes(path))
  }

  /** Another file with the inode number of this one, on another device; null where there is none. */
  twin(path: string): Twin | null {
    return this.#system.twin?.(path) ?? null
  }

  /** The file's own path in the lower layer of an overlay. */
  lower(path: string): string {
    return path.replace(this.#system.root, this.#system.origin)
  }

  /** Gives the file to whoever is looked for. */
  #give(path: string): string {
    chownSync(this.#place(path), this.#user, this.#user)
    return path
  }

  /** Where it is made: an overlay's files in its lower layer, before there is an overlay. */
  #place(path: string): string | Buffer {
    return pathBytes(this.lower(path))
  }
}
