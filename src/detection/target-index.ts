import type { ExactFileNumber, FileNumber } from '../linux/file-number.ts'
import type { UnreadablePath } from '../model/index.ts'

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

/** A file or directory that lies beneath a registered directory now. */
export interface EntryBeneath extends FileNumber {
  /** The inode number in full where `ino` is rounded. */
  exactIno: bigint | null
  isDirectory: boolean
}

/** What targets beneath one registered directory have in common: only their numbers differ. */
type Common = Readonly<Omit<Target, 'ino'>>

/**
 * The targets by their inode number: looking one up costs the same for one target and for a hundred thousand. Those beneath
 * a registered directory are made of what they have in common when they are asked for, since nearly none is.
 */
export class TargetIndex {
  /** Paths where it could not be told what is there. */
  readonly unreadable: UnreadablePath[] = []
  readonly #byInode = new Map<number, Target[] | Common>()
  readonly #devices = new Map<bigint, string>()
  readonly #replaced = new Map<string, Target>()
  #lastDevice: bigint | null = null
  #hasDirectories = false
  #hasWide = false
  #last: { path: string; dev: number; directories: Common; others: Common } | null = null

  add(target: Target): void {
    this.#note(target)
    if (target.replaced) this.#replaced.set(target.path, target)
    const key = Number(target.ino)
    this.#hasWide ||= !Number.isSafeInteger(key)
    const others = this.#targets(key)
    if (others) others.push(target)
    else this.#byInode.set(key, [target])
  }

  /** Adds what lies now beneath the directory that was registered as `path`, each file once under whatever names. */
  addBeneath(path: string, { dev, ino, exactIno, isDirectory }: EntryBeneath): void {
    const common = this.#common(path, dev, isDirectory)
    if (exactIno !== null) {
      this.add({ ...common, ino: exactIno })
      return
    }
    const others = this.#byInode.get(ino)
    if (others === undefined) this.#byInode.set(ino, common)
    else if (others !== common && !this.isNow(path, { dev, ino, exactIno })) this.add({ ...common, ino: BigInt(ino) })
  }

  /** Whether `path`, or what lies beneath it, is this file now. */
  isNow(path: string, { dev, ino, exactIno }: Omit<EntryBeneath, 'isDirectory'>): boolean {
    const found = this.#byInode.get(ino)
    if (!found) return false
    const isIt = (one: Common): boolean => !one.replaced && one.path === path && Number(one.dev) === dev
    if (!Array.isArray(found)) return isIt(found)
    return found.some((one) => isIt(one) && (exactIno === null || one.ino === exactIno))
  }

  /** An old version of what was registered as `path`, where it is another by now. */
  replacedVersion(path: string): Target | undefined {
    return this.#replaced.get(path)
  }

  /** Those that may be meant by an inode number; the device is still to be compared. */
  candidates(ino: number): readonly Target[] | undefined {
    return this.#targets(ino)
  }

  /** How many different inode numbers there are. */
  get size(): number {
    return this.#byInode.size
  }

  /** The registered files and directories themselves, in the versions there are. */
  *targets(): Generator<Target, void> {
    for (const found of this.#byInode.values()) if (Array.isArray(found)) yield* found
  }

  /** The inode number of every target; of those that no number holds the low 32 bits. */
  inodes(): Iterable<number> {
    return this.#hasWide ? this.#narrowed() : this.#byInode.keys()
  }

  /** The devices that targets are on, each with the path of one of them. */
  get devices(): ReadonlyMap<bigint, string> {
    return this.#devices
  }

  get isEmpty(): boolean {
    return this.#byInode.size === 0
  }

  /** Whether working and root directories matter. */
  get hasDirectories(): boolean {
    return this.#hasDirectories
  }

  *#narrowed(): Generator<number, void> {
    for (const [ino, found] of this.#byInode) {
      if (Number.isSafeInteger(ino)) yield ino
      else if (Array.isArray(found)) for (const target of found) yield Number(BigInt.asUintN(32, target.ino))
    }
  }

  #targets(ino: number): Target[] | undefined {
    const found = this.#byInode.get(ino)
    if (found === undefined || Array.isArray(found)) return found
    const targets = [{ ...found, ino: BigInt(ino) }]
    this.#byInode.set(ino, targets)
    return targets
  }

  #common(path: string, dev: number, isDirectory: boolean): Common {
    if (this.#last?.path !== path || this.#last.dev !== dev) {
      const common = { path, dev: BigInt(dev), replaced: false, handle: null }
      this.#last = {
        path,
        dev,
        directories: { ...common, isDirectory: true },
        others: { ...common, isDirectory: false },
      }
      this.#note(this.#last.directories)
    }
    return isDirectory ? this.#last.directories : this.#last.others
  }

  #note({ path, dev, isDirectory }: Common): void {
    this.#hasDirectories ||= isDirectory
    if (dev === this.#lastDevice) return
    this.#lastDevice = dev
    if (!this.#devices.has(dev)) this.#devices.set(dev, path)
  }
}
