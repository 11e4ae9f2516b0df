import { closeSync, constants, opendirSync, openSync, type Dir } from 'node:fs'
import { readHandleIn } from './file-handle.ts'
import type { NativeFunction } from './libc.ts'
import { addressOf, nativeError, nativeFunction } from './native-function.ts'

/** `unknown`: the file system does not say, or whoever listed it cannot. */
export type EntryType = 'directory' | 'link' | 'other' | 'unknown'

/** The entries of one directory, one after the other; `.` and `..` are none. */
export interface DirectoryListing {
  /** Goes to the next entry, of which everything else here tells. False: there is none. Throws what getdents64(2) fails with. */
  next(): boolean
  readonly type: EntryType
  /** As the directory names it, which is not what stat(2) says where something is mounted over it. Not a safe integer: rounded. 0: not told. */
  readonly ino: number
  /** A copy. */
  name(): Buffer
  /** The name as a string of latin1, to look it up. */
  key(): string
  /** The handle (`readHandleIn`), symbolic links not followed; null where there is none. */
  handle(): Buffer | null
  close(): void
}

/** Throws what opening fails with. `follow`: the directory may be a symbolic link to one. */
export function listDirectory(path: string | Buffer, follow: boolean): DirectoryListing {
  getdents ??= nativeFunction(prototype)
  if (!getdents) return new NodeListing(path)
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | (follow ? 0 : constants.O_NOFOLLOW))
  return new NativeListing(descriptor, getdents)
}

const prototype = 'long getdents64(int descriptor, uintptr_t entries, size_t size)'
let getdents: NativeFunction | null | undefined

// struct linux_dirent64 (getdents64(2)): d_ino, d_off, d_reclen, d_type, d_name with a NUL and padding.
const bufferSize = 0x8000
const offset = { recordLength: 16, type: 18, name: 19 } as const
const twoTo32 = 0x1_0000_0000
const dot = 0x2e
/** The numbers of DT_DIR, DT_LNK and DT_UNKNOWN (dirent.h). */
const types: Partial<Record<number, EntryType>> = { 0: 'unknown', 4: 'directory', 10: 'link' }

interface Space {
  bytes: Buffer
  address: number
}

/** Buffers that no listing uses now; two can be open at a time. */
const free: Space[] = []

function newSpace(): Space {
  const bytes = Buffer.alloc(bufferSize)
  return { bytes, address: addressOf(bytes) }
}

class NativeListing implements DirectoryListing {
  type: EntryType = 'unknown'
  ino = 0
  readonly #descriptor: number
  readonly #getdents: NativeFunction
  readonly #space = free.pop() ?? newSpace()
  readonly #entries = this.#space.bytes
  #at = 0
  #next = 0
  #end = 0

  constructor(descriptor: number, read: NativeFunction) {
    this.#descriptor = descriptor
    this.#getdents = read
  }

  next(): boolean {
    do {
      if (this.#next === this.#end && !this.#read()) return false
      this.#at = this.#next
      this.#next += this.#entries.readUInt16LE(this.#at + offset.recordLength)
    } while (this.#isDots())
    this.ino = this.#entries.readUInt32LE(this.#at + 4) * twoTo32 + this.#entries.readUInt32LE(this.#at)
    this.type = types[this.#entries[this.#at + offset.type] ?? 0] ?? 'other'
    return true
  }

  name(): Buffer {
    return Buffer.from(this.#entries.subarray(this.#at + offset.name, this.#nameEnd()))
  }

  key(): string {
    return this.#entries.toString('latin1', this.#at + offset.name, this.#nameEnd())
  }

  handle(): Buffer | null {
    return readHandleIn(this.#descriptor, this.#entries.subarray(this.#at + offset.name, this.#next))
  }

  close(): void {
    free.push(this.#space)
    closeSync(this.#descriptor)
  }

  #read(): boolean {
    const read = this.#getdents(this.#descriptor, this.#space.address, bufferSize)
    if (read < 0) throw nativeError('getdents64')
    this.#next = 0
    this.#end = read
    return read > 0
  }

  #nameEnd(): number {
    return this.#entries.indexOf(0, this.#at + offset.name)
  }

  #isDots(): boolean {
    const name = this.#at + offset.name
    if (this.#entries[name] !== dot) return false
    return this.#entries[name + 1] === 0 || (this.#entries[name + 1] === dot && this.#entries[name + 2] === 0)
  }
}

/** Tells names only: for the rest every entry is to be looked at. */
class NodeListing implements DirectoryListing {
  readonly type = 'unknown'
  readonly ino = 0
  readonly #directory: Dir
  #name = Buffer.alloc(0)

  constructor(path: string | Buffer) {
    this.#directory = opendirSync(path, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 })
  }

  next(): boolean {
    const entry = this.#directory.readSync()
    if (!entry) return false
    // Asked for buffers; the types of Node 24 have no Dir of them.
    this.#name = entry.name as unknown as Buffer<ArrayBuffer>
    return true
  }

  name(): Buffer {
    return this.#name
  }

  key(): string {
    return this.#name.toString('latin1')
  }

  handle(): null {
    return null
  }

  close(): void {
    this.#directory.closeSync()
  }
}
