import type { ExactFileNumber } from '../linux/file-number.ts'

/** A file or directory whose users are looked for. Two of them have the same path where the path names another file than at its registration. */
export interface Target extends ExactFileNumber {
  /** As it was registered; for what lies beneath a registered directory, the directory's. */
  path: string
  isDirectory: boolean
  /** It is the version that was there when the path was registered, and the path now names another or none. */
  replaced: boolean
  /** What a user's file must have for its handle where that can be read. Null: device and inode decide, since the file exists and nobody else can have its number. */
  handle: string | null
}

/** The targets by their inode number: looking one up costs the same for one target and for a hundred thousand. */
export class TargetIndex {
  readonly #byInode = new Map<number, Target[]>()
  #hasDirectories = false

  add(target: Target): void {
    const key = Number(target.ino)
    const others = this.#byInode.get(key)
    if (others) others.push(target)
    else this.#byInode.set(key, [target])
    this.#hasDirectories ||= target.isDirectory
  }

  /** Those that may be meant by an inode number; the device is still to be compared. */
  candidates(ino: number): readonly Target[] | undefined {
    return this.#byInode.get(ino)
  }

  get isEmpty(): boolean {
    return this.#byInode.size === 0
  }

  /** Whether working and root directories matter. */
  get hasDirectories(): boolean {
    return this.#hasDirectories
  }
}
