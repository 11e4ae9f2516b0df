import { readFileSync } from 'node:fs'
import { deviceNumber, type FileNumber } from './file-number.ts'
import { inFirstNamespace } from './first-namespaces.ts'

/** A line of /proc/locks (proc_locks(5)). */
export interface FileLock extends FileNumber {
  /** LEASE, DELEG (a lease of the NFS server), POSIX (fcntl_locking(2)), FLOCK, OFDLCK. */
  kind: string
  /** -1 where no process owns it. */
  pid: number
}

const line = /^\d+:\s+(?:->\s*)?(\S+)\s+\S+\s+\S+\s+(-?\d+)\s+([\da-f]+):([\da-f]+):(\d+)\s/

/**
 * The locks and leases on all files; about 60 µs where there are few. Their device is the one of the superblock, which on
 * btrfs is not the one of stat(2). Null where not all of them are shown: in a process namespace of one's own
 * (locks_translate_pid, fs/locks.c), or without /proc/locks (ProcSubset=pid, systemd.exec(5)).
 */
export function readLocks(): FileLock[] | null {
  try {
    if (!inFirstNamespace('pid')) return null
    return parseLocks(readFileSync('/proc/locks', 'latin1'))
  } catch {
    return null
  }
}

/** Of the text of /proc/locks; null where a line cannot be read. A lock without a file is left out. */
export function parseLocks(text: string): FileLock[] | null {
  const lines = text.split('\n').filter((one) => one !== '' && !one.includes('<none>'))
  const locks = lines.map(parseLock)
  return locks.every((lock) => lock !== null) ? locks : null
}

function parseLock(text: string): FileLock | null {
  const [, kind, pid, major, minor, ino] = line.exec(text) ?? []
  if (!kind || !major || !minor) return null
  const dev = deviceNumber(Number.parseInt(major, 16), Number.parseInt(minor, 16))
  return { kind, pid: Number(pid), dev, ino: Number(ino) }
}
