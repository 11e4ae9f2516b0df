import { libc, type NativeFunction } from './libc.ts'

/** `__NR_kcmp`, by processor. */
const callNumbers: Partial<Record<string, number>> = { x64: 312, arm64: 272, riscv64: 272, loong64: 272 }
// Types of include/uapi/linux/kcmp.h.
const KCMP_FILES = 2
const KCMP_FS = 3
const prototype = 'long syscall(long number, long a, long b, long type, unsigned long x, unsigned long y)'

let call: { native: NativeFunction; number: number } | null | undefined

/** Two threads of one process use the same table of descriptors. False also where the kernel does not say (kcmp(2)). */
export function shareDescriptors(a: number, b: number): boolean {
  return areSame(a, b, KCMP_FILES)
}

/** Two threads of one process have the same working and root directory (CLONE_FS). False also where the kernel does not say. */
export function shareDirectories(a: number, b: number): boolean {
  return areSame(a, b, KCMP_FS)
}

function areSame(a: number, b: number, type: number): boolean {
  call ??= find()
  return call !== null && call.native(call.number, a, b, type, 0, 0) === 0
}

function find(): typeof call & (object | null) {
  const native = libc()?.func(prototype)
  const number = callNumbers[process.arch]
  return native && number !== undefined ? { native, number } : null
}
