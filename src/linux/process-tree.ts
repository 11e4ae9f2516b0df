import { readdirSync } from 'node:fs'
import { readProcText } from './proc-file.ts'
import { readProcessStat } from './process-stat.ts'

/** The pids of a process and of all above it, itself first, without PID 1. */
export function readAncestors(pid: number): number[] {
  const chain: number[] = []
  let current = pid
  while (current > 1 && !chain.includes(current)) {
    chain.push(current)
    current = readProcessStat(current)?.parent ?? 0
  }
  return chain
}

/** The pids of its children, whichever of its threads started them (CONFIG_PROC_CHILDREN, Linux 3.5; without it: none). */
export function readChildren(pid: number): number[] {
  const children: number[] = []
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readProcText(`/proc/${pid}/task/${thread}/children`, 'utf8')
      for (const child of text.split(' ')) if (child !== '') children.push(Number(child))
    }
  } catch {
    // It has ended, or the kernel does not tell.
  }
  return children
}
