import { readFileSync } from 'node:fs'
import { release } from 'node:os'

// Numbers of include/uapi/linux/capability.h.
const bits = { sysPtrace: 19 } as const

export type Capability = keyof typeof bits

/** Whether this process has a capability in its effective set (capabilities(7)). */
export function hasCapability(capability: Capability): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return ((BigInt(`0x${effective}`) >> BigInt(bits[capability])) & 1n) === 1n
}

/** The kernel's release: `6.18.4`. */
export function kernelRelease(): string {
  return release()
}

/**
 * How `/proc` hides the processes of others from this process (hidepid and gid, proc(5)); null where it shows all: it hides
 * none, or this process may look at all (CAP_SYS_PTRACE), or belongs to the group that may.
 */
export function hiddenProcesses(): string | null {
  const mount = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((line) => / \/proc .* - proc /.test(line))
  const hidepid = /hidepid=(\w+)/.exec(mount ?? '')?.[1]
  if (hidepid === undefined || hidepid === '0' || hidepid === 'off' || hasCapability('sysPtrace')) return null
  const group = /[ ,]gid=(\d+)/.exec(mount ?? '')?.[1]
  const groups = [process.getegid?.(), ...(process.getgroups?.() ?? [])]
  return group !== undefined && groups.includes(Number(group)) && !isPtraceable(hidepid) ? null : hidepid
}

/** hidepid=4 shows only what the caller may trace, whatever group it is in (Linux 5.8). */
function isPtraceable(hidepid: string): boolean {
  return hidepid === '4' || hidepid === 'ptraceable'
}
