import { readFileSync } from 'node:fs'

/** What is wanted of the running kernel's types: functions by name, and members of structures by name. */
export interface WantedTypes<Function extends string, Structure extends string> {
  functions: readonly Function[]
  structures: Readonly<Record<Structure, readonly string[]>>
}

export interface KernelTypes<Function extends string, Structure extends string> {
  /** The type numbers of the functions. */
  functions: Record<Function, number>
  /** Bytes from the start of the structure, by member. */
  structures: Record<Structure, Record<string, number>>
}

// Kinds of types (include/uapi/linux/btf.h), and how many 32-bit words follow the three that every type has.
const INT = 1
const ARRAY = 3
const STRUCT = 4
const UNION = 5
const ENUM = 6
const FUNC = 12
const FUNC_PROTO = 13
const VAR = 14
const DATASEC = 15
const DECL_TAG = 17
const ENUM64 = 19
// By kind; the kinds that are missing have none.
const fixedWords = perKind({ [INT]: 1, [ARRAY]: 3, [VAR]: 1, [DECL_TAG]: 1 })
const wordsPerMember = perKind({ [STRUCT]: 3, [UNION]: 3, [ENUM]: 2, [FUNC_PROTO]: 2, [DATASEC]: 3, [ENUM64]: 3 })

/**
 * Looks up types in the description that the kernel gives of itself, `/sys/kernel/btf/vmlinux` (BTF, Linux 5.4 with
 * CONFIG_DEBUG_INFO_BTF): about 25 ms. Throws where there is none, or it lacks something that is wanted.
 */
export function readKernelTypes<Function extends string, Structure extends string>(
  wanted: WantedTypes<Function, Structure>,
): KernelTypes<Function, Structure> {
  return new Types(readFileSync('/sys/kernel/btf/vmlinux')).find(wanted)
}

interface NamedType {
  name: string
  /** 0 until it is found. */
  number: number
}

class Types {
  readonly #bytes: Buffer
  readonly #words: Uint32Array
  /** Where the strings start, in bytes. */
  readonly #strings: number

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
    if ((this.#word(0) & 0xffff) !== 0xeb9f) throw new Error('The kernel describes its types in an unknown form')
    this.#strings = this.#word(1) + this.#word(4)
  }

  find<Function extends string, Structure extends string>(
    wanted: WantedTypes<Function, Structure>,
  ): KernelTypes<Function, Structure> {
    const functions = this.#named(wanted.functions)
    const structures = this.#named(Object.keys(wanted.structures))
    const starts = this.#visit(functions, structures)
    const found: KernelTypes<string, string> = { functions: {}, structures: {} }
    for (const { name, number } of functions.values()) found.functions[name] = assertFound(name, number)
    for (const { name, number } of structures.values()) {
      const offsets: Record<string, number> = {}
      for (const member of wanted.structures[name as Structure]) {
        offsets[member] = this.#memberOffset(starts, assertFound(name, number), member)
      }
      found.structures[name] = offsets
    }
    return found
  }

  /** By the place of the name in the strings. */
  #named(names: readonly string[]): Map<number, NamedType> {
    return new Map(names.map((name) => [this.#nameOffset(name), { name, number: 0 }]))
  }

  /** Goes through all types once: answers where each starts, in words, by its number, and notes the numbers of the named ones. */
  #visit(functions: Map<number, NamedType>, structures: Map<number, NamedType>): Uint32Array {
    const words = this.#words
    const first = (this.#word(1) + this.#word(2)) >> 2
    const end = first + (this.#word(3) >> 2)
    const starts = new Uint32Array(1 + (end - first) / 3)
    let number = 0
    for (let at = first; at < end;) {
      starts[++number] = at
      const info = words[at + 1] ?? 0
      const kind = (info >>> 24) & 0x1f
      if (kind === STRUCT || kind === FUNC) {
        const named = (kind === FUNC ? functions : structures).get(words[at] ?? 0)
        if (named?.number) throw new Error(`The kernel describes ${named.name} twice`)
        if (named) named.number = number
      }
      at += 3 + (fixedWords[kind] ?? 0) + (info & 0xffff) * (wordsPerMember[kind] ?? 0)
    }
    return starts
  }

  #word(index: number): number {
    return this.#words[index] ?? 0
  }

  #nameOffset(name: string): number {
    const at = this.#bytes.indexOf(`\0${name}\0`, this.#strings, 'latin1')
    if (at < 0) throw missing(name)
    return at + 1 - this.#strings
  }

  #memberOffset(starts: Uint32Array, structure: number, member: string): number {
    const offset = this.#findMember(starts, structure, this.#nameOffset(member))
    if (offset === null) throw missing(member)
    return offset
  }

  /** In bytes; members of unnamed structures and unions within it count as its own. */
  #findMember(starts: Uint32Array, structure: number, name: number): number | null {
    const at = starts[structure] ?? 0
    const info = this.#word(at + 1)
    const kind = (info >>> 24) & 0x1f
    if (kind !== STRUCT && kind !== UNION) return null
    const packed = info >>> 31 === 1
    for (let entry = at + 3; entry < at + 3 + (info & 0xffff) * 3; entry += 3) {
      // Where one member is a bit field, the upper byte holds the width of each.
      const offset = (packed ? this.#word(entry + 2) & 0xff_ffff : this.#word(entry + 2)) / 8
      if (this.#word(entry) === name) return offset
      if (this.#word(entry) !== 0) continue
      const inner = this.#findMember(starts, this.#word(entry + 1), name)
      if (inner !== null) return offset + inner
    }
    return null
  }
}

function assertFound(name: string, number: number): number {
  if (number === 0) throw missing(name)
  return number
}

function missing(name: string): Error {
  return new Error(`The kernel does not describe ${name}`)
}

function perKind(words: Record<number, number>): Uint8Array {
  const table = new Uint8Array(32)
  for (const [kind, count] of Object.entries(words)) table[Number(kind)] = count
  return table
}
