// The instruction set of BPF (Documentation/bpf/standardization/instruction-set.rst): an operation in eight bits, two
// registers, a signed 16-bit offset, a signed 32-bit number. Only what is needed here.

export const r0 = 0
export const r1 = 1
export const r2 = 2
export const r3 = 3
export const r4 = 4
export const r5 = 5
/** Kept by calls, as those up to r9. */
export const r6 = 6
export const r7 = 7
/** The end of the stack, which grows downwards. */
export const stack = 10

/** Instructions one after the other, with jumps to labels that may come later. Little endian only. */
export class Assembler {
  readonly #instructions: Buffer[] = []
  readonly #jumps: { at: number; label: string }[] = []
  readonly #labels = new Map<string, number>()

  /** to = from */
  copy(to: number, from: number): void {
    this.#emit(0xbf, to, from)
  }

  /** The low 32 bits; the others become zero. */
  copyLow(to: number, from: number): void {
    this.#emit(0xbc, to, from)
  }

  set(to: number, value: number): void {
    this.#emit(0xb7, to, 0, 0, value)
  }

  add(to: number, value: number): void {
    this.#emit(0x07, to, 0, 0, value)
  }

  addRegister(to: number, from: number): void {
    this.#emit(0x0f, to, from)
  }

  and(to: number, value: number): void {
    this.#emit(0x57, to, 0, 0, value)
  }

  /** Of the low 32 bits. */
  multiplyLow(to: number, value: number): void {
    this.#emit(0x24, to, 0, 0, value)
  }

  shiftRight(to: number, bits: number): void {
    this.#emit(0x77, to, 0, 0, bits)
  }

  /** Of the low 32 bits. */
  shiftRightLow(to: number, bits: number): void {
    this.#emit(0x74, to, 0, 0, bits)
  }

  shiftRightByRegister(to: number, from: number): void {
    this.#emit(0x7f, to, from)
  }

  /** to = the byte at from */
  loadByte(to: number, from: number): void {
    this.#emit(0x71, to, from)
  }

  /** to = the 32-bit number at from + offset */
  loadWord(to: number, from: number, offset: number): void {
    this.#emit(0x61, to, from, offset)
  }

  /** to = the 64-bit number or the pointer at from + offset */
  load(to: number, from: number, offset: number): void {
    this.#emit(0x79, to, from, offset)
  }

  /** The 32-bit number at to + offset = from */
  storeWord(to: number, offset: number, from: number): void {
    this.#emit(0x63, to, from, offset)
  }

  /** to = the address of the first value of an array map, which the kernel fills in (BPF_PSEUDO_MAP_VALUE) */
  loadMapValue(to: number, map: number): void {
    this.#emit(0x18, to, 2, 0, map)
    this.#emit(0)
  }

  call(helper: number): void {
    this.#emit(0x85, 0, 0, 0, helper)
  }

  jump(label: string): void {
    this.#jumpTo(label)
    this.#emit(0x05)
  }

  jumpIfZero(register: number, label: string): void {
    this.#jumpTo(label)
    this.#emit(0x15, register)
  }

  exit(): void {
    this.#emit(0x95)
  }

  /** The next instruction goes by this name. */
  label(name: string): void {
    this.#labels.set(name, this.#instructions.length)
  }

  /** The program, eight bytes an instruction. */
  assemble(): Buffer {
    for (const { at, label } of this.#jumps) {
      const target = this.#labels.get(label)
      if (target === undefined) throw new Error(`No label ${label}`)
      this.#instructions[at]?.writeInt16LE(target - at - 1, 2)
    }
    return Buffer.concat(this.#instructions)
  }

  #jumpTo(label: string): void {
    this.#jumps.push({ at: this.#instructions.length, label })
  }

  #emit(operation: number, to = 0, from = 0, offset = 0, value = 0): void {
    const instruction = Buffer.alloc(8)
    instruction[0] = operation
    instruction[1] = to | (from << 4)
    instruction.writeInt16LE(offset, 2)
    instruction.writeInt32LE(value, 4)
    this.#instructions.push(instruction)
  }
}
