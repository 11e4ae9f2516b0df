/**
 * What a failed look at `/proc/PID` means. `vanished`: what was to be looked at has gone. `refused`: the caller may not look.
 * `failed`: the file behind a link does not answer (a dead FUSE or NFS mount). `ours`: this process has run out of
 * descriptors or memory, and nothing it looks at can be believed.
 */
export type ProcFailure = 'vanished' | 'refused' | 'failed' | 'ours'

const failures: Partial<Record<string, ProcFailure>> = {
  ENOENT: 'vanished',
  ESRCH: 'vanished',
  EACCES: 'refused',
  EPERM: 'refused',
  EMFILE: 'ours',
  ENFILE: 'ours',
  ENOMEM: 'ours',
}

/** By the error code; an error that comes from no system call is `ours`. */
export function procFailure(error: unknown): ProcFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : null
  return code === null ? 'ours' : (failures[code] ?? 'failed')
}
