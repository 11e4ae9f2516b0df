import { readFileSync } from 'node:fs'
import { deviceNumber } from './file-number.ts'

/** One mount of this process' mount namespace. */
export interface Mount {
  /** What stat(2) says of the files on it; not so on btrfs, whose subvolumes have devices of their own. */
  dev: number
  /** Where it is, as bytes (a string of latin1), which need not be UTF-8. */
  point: string
  /** `ext4`, `tmpfs`, `fuse.sshfs`. */
  type: string
}

/** The mounts of this process, in the order in which they were made: of two at one point, the later one is seen. */
export function readMounts(): Mount[] {
  return readMountsOf(process.pid)
}

/** The mounts that another process sees. Throws the error of open(2): EACCES, ENOENT. */
export function readMountsOf(pid: number): Mount[] {
  return parseMounts(readFileSync(`/proc/${pid}/mountinfo`, 'latin1'))
}

/** The lines of mountinfo (proc_pid_mountinfo(5)): `36 35 98:0 /root /point options tag... - type source options`. */
export function parseMounts(text: string): Mount[] {
  const mounts: Mount[] = []
  for (const line of text.split('\n')) {
    const [head = '', tail = ''] = line.split(' - ')
    const [, , device = '', , point] = head.split(' ')
    const [type] = tail.split(' ')
    if (!point || !type) continue
    const [major = 0, minor = 0] = device.split(':').map(Number)
    mounts.push({ dev: deviceNumber(major, minor), point: unescape(point), type })
  }
  return mounts
}

/** Blank, tab, newline, backslash and # are written as octal numbers. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
