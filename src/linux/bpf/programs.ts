import { Assembler, r0, r1, r2, r3, r4, r5, r6, r7, stack } from './instructions.ts'
import { multiplier, type InodeSet } from './inode-set.ts'
import type { KernelTypes } from './kernel-types.ts'

/** What the programs have to know of the running kernel. */
export const wantedTypes = {
  functions: ['bpf_iter_task', 'bpf_iter_task_file', 'bpf_iter_task_vma'],
  structures: {
    task_struct: ['tgid', 'mm', 'fs'],
    mm_struct: ['exe_file'],
    fs_struct: ['pwd', 'root'],
    path: ['dentry'],
    dentry: ['d_inode'],
    vm_area_struct: ['vm_file'],
    file: ['f_inode'],
    inode: ['i_ino'],
  },
} as const

export type Types = KernelTypes<(typeof wantedTypes.functions)[number], keyof typeof wantedTypes.structures>

/** The iterators' contexts: pointers one after the other (struct bpf_iter__task_vma …, stable for all kernels). */
const context = { meta: 0, task: 8, vma: 16, file: 24 } as const
const BPF_FUNC_seq_write = 127

/** A program, and the type number of the kernel function whose iterator it runs in. */
export interface IteratorProgram {
  program: Buffer
  target: number
}

/**
 * Programs that write the process id (four bytes) of every thread that runs, works in or has for root directory, has open
 * or maps an inode of the set. `map`: the descriptor of the array that holds the set.
 */
export function holderPrograms(types: Types, set: InodeSet, map: number): IteratorProgram[] {
  const { task_struct: task, mm_struct: memory, fs_struct: directories, path, dentry, file } = types.structures
  const { vm_area_struct: mapping } = types.structures
  const directory = (member: 'pwd' | 'root') => [
    at(task, 'fs'),
    at(directories, member) + at(path, 'dentry'),
    at(dentry, 'd_inode'),
  ]
  const inodeOf = at(file, 'f_inode')
  const chains: [keyof Types['functions'], number, number[][]][] = [
    [
      'bpf_iter_task',
      context.task,
      [[at(task, 'mm'), at(memory, 'exe_file'), inodeOf], directory('pwd'), directory('root')],
    ],
    ['bpf_iter_task_file', context.file, [[inodeOf]]],
    ['bpf_iter_task_vma', context.vma, [[at(mapping, 'vm_file'), inodeOf]]],
  ]
  return chains.map(([target, object, inodes]) => ({
    program: assemble(types, set, map, object, inodes),
    target: types.functions[target],
  }))
}

/** `object`: where the context has what the iterator goes through; `chains`: the members that lead from there to an inode. */
function assemble(types: Types, set: InodeSet, map: number, object: number, chains: number[][]): Buffer {
  const code = new Assembler()
  code.copy(r6, r1)
  code.load(r7, r6, context.task)
  code.jumpIfZero(r7, 'end')
  for (const [index, chain] of chains.entries()) {
    const next = `chain ${index + 1}`
    code.label(`chain ${index}`)
    code.load(r2, r6, object)
    code.jumpIfZero(r2, next)
    for (const member of chain) {
      code.load(r2, r2, member)
      code.jumpIfZero(r2, next)
    }
    code.load(r3, r2, at(types.structures.inode, 'i_ino'))
    code.copy(r4, r3)
    code.and(r4, 2 ** set.logarithm - 1)
    testBit(code, map, next)
    code.copyLow(r4, r3)
    code.multiplyLow(r4, multiplier)
    code.shiftRightLow(r4, 32 - set.logarithm)
    testBit(code, map, next)
    code.jump('hit')
  }
  code.label(`chain ${chains.length}`)
  code.jump('end')
  code.label('hit')
  code.loadWord(r3, r7, at(types.structures.task_struct, 'tgid'))
  code.storeWord(stack, -8, r3)
  code.load(r1, r6, context.meta)
  code.load(r1, r1, 0)
  code.copy(r2, stack)
  code.add(r2, -8)
  code.set(r3, 4)
  code.call(BPF_FUNC_seq_write)
  code.label('end')
  code.set(r0, 0)
  code.exit()
  return code.assemble()
}

/** Goes to `otherwise` where the bit that r4 names is not set. */
function testBit(code: Assembler, map: number, otherwise: string): void {
  code.copy(r5, r4)
  code.shiftRight(r5, 3)
  code.loadMapValue(r1, map)
  code.addRegister(r1, r5)
  code.loadByte(r5, r1)
  code.and(r4, 7)
  code.shiftRightByRegister(r5, r4)
  code.and(r5, 1)
  code.jumpIfZero(r5, otherwise)
}

function at(structure: Record<string, number>, member: string): number {
  const offset = structure[member]
  if (offset === undefined) throw new Error(`No member ${member}`)
  return offset
}
