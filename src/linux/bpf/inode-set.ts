/**
 * Inode numbers as a Bloom filter, which a program in the kernel can ask too: two bits for each, found by its low 32 bits.
 * Whoever is in is found; about one in five thousand others is found as well.
 */
export class InodeSet {
  readonly bits: Buffer
  /** The size is 2 to the power of this, in bits. */
  readonly logarithm: number

  /** `inodes`: of each the low 32 bits count; `count`: about how many they are. */
  constructor(inodes: Iterable<number>, count: number) {
    this.logarithm = Math.min(25, Math.max(16, Math.ceil(Math.log2(count * 128))))
    this.bits = Buffer.alloc(2 ** (this.logarithm - 3))
    const mask = 2 ** this.logarithm - 1
    for (const inode of inodes) {
      this.#set(inode & mask)
      this.#set(Math.imul(inode, multiplier) >>> (32 - this.logarithm))
    }
  }

  #set(bit: number): void {
    const byte = bit >>> 3
    this.bits[byte] = (this.bits[byte] ?? 0) | (1 << (bit & 7))
  }
}

/** 2^32 divided by the golden ratio, as a signed number (Knuth's multiplicative hashing). */
export const multiplier = -1_640_531_527
