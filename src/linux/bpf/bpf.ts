import { closeSync } from 'node:fs'
import { constants, endianness } from 'node:os'
import { libc, type NativeFunction } from '../libc.ts'
import { nativeError } from '../native-function.ts'

// Commands, types and the fields of union bpf_attr (include/uapi/linux/bpf.h).
const BPF_MAP_CREATE = 0
const BPF_MAP_UPDATE_ELEM = 2
const BPF_PROG_LOAD = 5
const BPF_LINK_CREATE = 28
const BPF_ITER_CREATE = 33
const BPF_MAP_TYPE_ARRAY = 2
const BPF_PROG_TYPE_TRACING = 26
const BPF_TRACE_ITER = 28
const attributeSize = 144

/** `__NR_bpf`, by processor; on the others the call is not made. */
const callNumbers: Partial<Record<string, number>> = { x64: 321, arm64: 280, riscv64: 280, loong64: 280 }
const prototype = 'long syscall(long number, long command, void *attributes, unsigned long size)'

/** Calls of bpf(2) that this process may make; throws what the kernel answers, where it does not allow it. */
export class Bpf {
  readonly #call: NativeFunction
  readonly #number: number
  readonly #library: NonNullable<ReturnType<typeof libc>>

  /** Throws where bpf(2) cannot be called at all: without koffi, on other processors, big-endian. */
  constructor() {
    const library = libc()
    const number = callNumbers[process.arch]
    if (!library || number === undefined || endianness() !== 'LE') throw new Error('bpf(2) cannot be called here')
    this.#library = library
    this.#number = number
    this.#call = library.func(prototype)
  }

  /** An array with one value of the length of `content`, which it holds. Answers a descriptor, to be closed. */
  createArray(content: Buffer): number {
    const map = this.#command(BPF_MAP_CREATE, (attributes) => {
      attributes.writeUInt32LE(BPF_MAP_TYPE_ARRAY, 0)
      attributes.writeUInt32LE(4, 4)
      attributes.writeUInt32LE(content.length, 8)
      attributes.writeUInt32LE(1, 12)
    })
    const key = Buffer.alloc(4)
    try {
      this.#command(BPF_MAP_UPDATE_ELEM, (attributes) => {
        attributes.writeUInt32LE(map, 0)
        attributes.writeBigUInt64LE(this.#library.address(key), 8)
        attributes.writeBigUInt64LE(this.#library.address(content), 16)
      })
    } catch (error) {
      closeSync(map)
      throw error
    }
    return map
  }

  /**
   * A descriptor from which the output of `program` is read: run for each object of the iterator that the kernel function
   * with type number `target` stands for (Linux 5.8). To be closed.
   */
  createIterator(program: Buffer, target: number): number {
    // The helper that writes the output is for programs under the GPL only; this one is under both licences.
    const license = Buffer.from('Dual MIT/GPL\0')
    const loaded = this.#command(BPF_PROG_LOAD, (attributes) => {
      attributes.writeUInt32LE(BPF_PROG_TYPE_TRACING, 0)
      attributes.writeUInt32LE(program.length / 8, 4)
      attributes.writeBigUInt64LE(this.#library.address(program), 8)
      attributes.writeBigUInt64LE(this.#library.address(license), 16)
      attributes.write('restart_manager', 48, 'latin1')
      attributes.writeUInt32LE(BPF_TRACE_ITER, 68)
      attributes.writeUInt32LE(target, 108)
    })
    try {
      const link = this.#command(BPF_LINK_CREATE, (attributes) => {
        attributes.writeUInt32LE(loaded, 0)
        attributes.writeUInt32LE(BPF_TRACE_ITER, 8)
      })
      try {
        return this.#command(BPF_ITER_CREATE, (attributes) => attributes.writeUInt32LE(link, 0))
      } finally {
        closeSync(link)
      }
    } finally {
      closeSync(loaded)
    }
  }

  #command(command: number, fill: (attributes: Buffer) => void): number {
    const attributes = Buffer.alloc(attributeSize)
    fill(attributes)
    for (let attempts = 5; ; attempts -= 1) {
      const answer = this.#call(this.#number, command, attributes, attributeSize)
      if (answer >= 0) return answer
      // A signal came while the kernel checked the program.
      if (this.#library.errno() !== constants.errno.EAGAIN || attempts === 1)
        throw nativeError(`bpf(2), command ${command}`)
    }
  }
}
