import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { exactFileNumber, type ExactFileNumber } from '../../src/linux/file-number.ts'
import { createLeaseProbe, type LeaseAnswer } from '../../src/linux/lease.ts'
import { Folder } from './folder.ts'

/** Device and inode of what `path` names now, which has to be there. */
export function numberOf(path: string | Buffer): ExactFileNumber {
  const number = exactFileNumber(path)
  if (!number) throw new Error(`There is no ${path.toString()}`)
  return number
}

/** What a probe of this process answers for the file that `path` names now. */
export function probeNow(path: string): LeaseAnswer {
  return createLeaseProbe()(path, numberOf(path))
}

/** Why the tests of leases are skipped: nothing can be probed here (no koffi, an old kernel, a container, overlayfs). */
export const noLeases = whyNoLeases()

function whyNoLeases(): string | false {
  using folder = new Folder()
  return probeNow(folder.write('file', '')) === 'unknown' && 'no file can be probed here'
}

export interface ProbingOptions {
  /** Needs root. */
  user?: number
  /** A command that runs the prober: `['unshare', '-m']`. */
  under?: string[]
}

/** What another process answers for each file: another user's, or one that sees other mounts. */
export async function probeAs({ user, under = [] }: ProbingOptions, ...files: string[]): Promise<string[]> {
  const program = fileURLToPath(new URL('../fixtures/probes-files.ts', import.meta.url))
  const command = [...under, process.execPath, '--disable-warning=ExperimentalWarning', program, ...files]
  const [first = '', ...rest] = command
  const { stdout } = await promisify(execFile)(first, rest, user === undefined ? {} : { uid: user, gid: user })
  return JSON.parse(stdout) as string[]
}
