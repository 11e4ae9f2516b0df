/**
 * Inode numbers as a Bloom filter, which a program in the kernel can ask too: two bits for each, found by its low 32 bits.
 * Whoever is in is found; about one in five thousand others is found as well.
 */
export class InodeSet {
  readonly bits: Buffer
  /** The size is 2 to the power of this, in bits. */
  readonly logarithm: number

  readonly #mask: number

  /** Empty. `count`: about how many inode numbers it will hold. */
  constructor(count: number) {
    this.logarithm = Math.min(25, Math.max(16, Math.ceil(Math.log2(count * 128))))
    this.bits = Buffer.alloc(2 ** (this.logarithm - 3))
    this.#mask = 2 ** this.logarithm - 1
  }

  /** The low 32 bits of `inode` count. */
  add(inode: number): void {
    this.#set(inode & this.#mask)
    this.#set(Math.imul(inode, multiplier) >>> (32 - this.logarithm))
  }

  #set(bit: number): void {
    const byte = bit >>> 3
    this.bits[byte] = (this.bits[byte] ?? 0) | (1 << (bit & 7))
  }
}

/** 2^32 divided by the golden ratio, as a signed number (Knuth's multiplicative hashing). */
export const multiplier = -1_640_531_527
