import { sameProcess, type ProcessIdentity } from '../model/index.ts'
import { procFailure } from './proc-error.ts'
import { readProcText } from './proc-file.ts'

/** Forked, and has executed nothing since (include/linux/sched.h). */
const PF_FORKNOEXEC = 0x40
const PF_KTHREAD = 0x0020_0000

/** The fields of `/proc/PID/stat` that are used here (proc_pid_stat(5)). */
export interface ProcessStat {
  identity: ProcessIdentity
  /** The command name: up to 15 bytes that may hold anything, parentheses and newlines included. */
  name: string
  state: string
  parent: number
  processGroup: number
  session: number
  /** The device number of the controlling terminal; 0 where there is none. */
  terminal: number
  threads: number
  kernelThread: boolean
  /** It still runs what its parent ran: it has executed nothing since it was forked. */
  onlyForked: boolean
}

/** Null where there is no such process (any more), or /proc hides it. Throws where this process has run out of descriptors. */
export function readProcessStat(pid: number): ProcessStat | null {
  let text: string
  try {
    text = readProcText(`/proc/${pid}/stat`, 'latin1')
  } catch (error) {
    if (procFailure(error) === 'ours') throw error
    return null
  }
  return parseProcessStat(text)
}

/** The name ends at the last closing parenthesis: it may hold some itself. Null where the text is no such line. */
export function parseProcessStat(text: string): ProcessStat | null {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0 || close < open) return null
  const fields = text.slice(close + 2).split(' ')
  const startTime = fields[19]
  if (startTime === undefined) return null
  return {
    identity: { pid: Number(text.slice(0, open)), startTime: BigInt(startTime) },
    name: Buffer.from(text.slice(open + 1, close), 'latin1').toString(),
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    processGroup: Number(fields[2]),
    session: Number(fields[3]),
    terminal: Number(fields[4]),
    threads: Number(fields[17]),
    kernelThread: (Number(fields[6]) & PF_KTHREAD) !== 0,
    onlyForked: (Number(fields[6]) & PF_FORKNOEXEC) !== 0,
  }
}

/** The process has ended; its parent has only not asked yet how. A first thread that ended before the others is no end. */
export function hasEnded(stat: ProcessStat): boolean {
  return (stat.state === 'Z' || stat.state === 'X') && stat.threads <= 1
}

/** This very process runs, not another one that has its pid now. */
export function isRunning(identity: ProcessIdentity): boolean {
  const stat = readProcessStat(identity.pid)
  return stat !== null && !hasEnded(stat) && sameProcess(stat.identity, identity)
}
