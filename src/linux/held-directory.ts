import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs'

/**
 * A private directory held open: what lies in it is reached through it whatever becomes of its name, and however long that is
 * (the name of a socket has at most 107 bytes, unix(7)).
 */
export class HeldDirectory implements Disposable {
  readonly #descriptor: number
  readonly #owner: number

  private constructor(descriptor: number, owner: number) {
    this.#descriptor = descriptor
    this.#owner = owner
  }

  /** Null where there is no directory of `owner` that nobody else may enter. */
  static open(path: string, owner: number): HeldDirectory | null {
    let descriptor: number
    try {
      descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    } catch {
      return null
    }
    const { uid, mode } = fstatSync(descriptor)
    if (uid === owner && (mode & 0o077) === 0) return new HeldDirectory(descriptor, owner)
    closeSync(descriptor)
    return null
  }

  /** Names what is in it, for this process and as long as it is held. */
  path(name: string): string {
    return `/proc/self/fd/${this.#descriptor}/${name}`
  }

  /** `ours`: a socket of the directory's owner. */
  socketAt(name: string): 'ours' | 'missing' | 'other' {
    const stat = lstatSync(this.path(name), { throwIfNoEntry: false })
    if (stat === undefined) return 'missing'
    return stat.isSocket() && stat.uid === this.#owner ? 'ours' : 'other'
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor)
  }
}
