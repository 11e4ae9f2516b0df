import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { fileStatus } from './file-number.ts'
import { inFirstNamespace } from './first-namespaces.ts'

// Numbers of include/uapi/linux/capability.h.
const bits = { sysPtrace: 19 } as const

export type Capability = keyof typeof bits

/** Whether this process has a capability in its effective set (capabilities(7)). */
export function hasCapability(capability: Capability): boolean {
  return ((BigInt(`0x${ownStatus('CapEff') ?? '0'}`) >> BigInt(bits[capability])) & 1n) === 1n
}

/** Whether a filter decides which system calls this process may make: one that is not allowed may end it (seccomp(2)). */
export function hasSeccompFilter(): boolean {
  return ownStatus('Seccomp') === '2'
}

/** A line of `/proc/self/status` (proc_pid_status(5)). */
function ownStatus(name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
}

/** The kernel's release: `6.18.4`. */
export function kernelRelease(): string {
  return release()
}

/** Whether `kernel`, a release, is of this version or a newer one. */
export function isAtLeast(kernel: string, wantedMajor: number, wantedMinor: number): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10))
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

/**
 * How `/proc` hides the processes of others from this process (hidepid and gid, proc(5)); null where it shows all: it hides
 * none, or this process may look at all (CAP_SYS_PTRACE), or belongs to the group that may.
 */
export function hiddenProcesses(): string | null {
  const mount = procMount()
  const hidepid = /[ ,]hidepid=(\w+)/.exec(mount)?.[1]
  if (hidepid === undefined || hidepid === '0' || hidepid === 'off' || mayLookAtAll()) return null
  const group = /[ ,]gid=(\d+)/.exec(mount)?.[1]
  const groups = [process.getegid?.(), ...(process.getgroups?.() ?? [])]
  return group !== undefined && groups.includes(Number(group)) && !isPtraceable(hidepid) ? null : hidepid
}

/** The line of mountinfo of what is mounted at `/proc`, on top of what may be mounted there as well. Empty where it is none of ours. */
function procMount(): string {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  const mounts = lines.filter((line) => /^(\S+ ){4}\/proc .* - proc /.test(line))
  const id = fileStatus('/proc')?.mount ?? null
  return (id === null ? mounts.at(-1) : mounts.find((line) => line.startsWith(`${id} `))) ?? ''
}

/** The root of another user namespace has the capability over those in there only (user_namespaces(7)). */
function mayLookAtAll(): boolean {
  return hasCapability('sysPtrace') && inFirstNamespace('user')
}

/** hidepid=4 shows only what the caller may trace, whatever group it is in (Linux 5.8). */
function isPtraceable(hidepid: string): boolean {
  return hidepid === '4' || hidepid === 'ptraceable'
}
