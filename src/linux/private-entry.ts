import { lstatSync, type BigIntStats } from 'node:fs'
import { effectiveUser } from './users.ts'

/** What is at a path, seen without following a link or opening it. */
export type Finding =
  | { kind: 'ours' }
  | { kind: 'missing' }
  /** Another user's, or in another user's directory. */
  | { kind: 'foreign'; problem: string; hint: string }
  /** Not what we made: somebody has changed it. */
  | { kind: 'unfit'; problem: string; hint: string }

/**
 * Only lstat(2): closing a descriptor of a database file would drop the locks that SQLite holds on it in this process
 * (fcntl_locking(2)). Errors other than "not there" and "not allowed" are thrown as they are.
 */
export function inspectPrivate(path: string, wanted: 'directory' | 'file'): Finding {
  let stat: BigIntStats | undefined
  try {
    stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
    return { kind: 'foreign', problem: 'this user may not look at it', hint: `Look at it as its owner: ls -ld ${path}` }
  }
  return stat === undefined ? { kind: 'missing' } : judge(path, wanted, stat)
}

function judge(path: string, wanted: 'directory' | 'file', stat: BigIntStats): Finding {
  const look = `See what is there and remove it: ls -ld ${path}`
  const user = effectiveUser()
  if (stat.isSymbolicLink()) {
    return { kind: 'unfit', problem: `it is a symbolic link, a real ${wanted} was wanted`, hint: look }
  }
  if (!(wanted === 'directory' ? stat.isDirectory() : stat.isFile())) {
    return { kind: 'unfit', problem: `it is no ${wanted === 'file' ? 'regular file' : 'directory'}`, hint: look }
  }
  if (Number(stat.uid) !== user) {
    return { kind: 'foreign', problem: `it belongs to user ${stat.uid}, user ${user} was wanted`, hint: look }
  }
  if (wanted === 'file' && stat.nlink !== 1n) {
    return { kind: 'unfit', problem: `it has ${stat.nlink} hard links, 1 was wanted`, hint: look }
  }
  const mode = stat.mode & 0o777n
  if ((mode & 0o077n) !== 0n) {
    const right = wanted === 'directory' ? '700' : '600'
    const problem = `its mode is ${mode.toString(8)}, ${right} was wanted`
    return { kind: 'unfit', problem, hint: `Close it to others: chmod ${right} ${path}` }
  }
  return { kind: 'ours' }
}
