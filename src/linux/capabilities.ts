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

/** What `/proc` hides from users other than root (hidepid, proc(5)); null where it hides nothing. */
export function hiddenProcesses(): string | null {
  const mount = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((line) => / \/proc .* - proc /.test(line))
  const hidepid = /hidepid=(\w+)/.exec(mount ?? '')?.[1]
  return hidepid === undefined || hidepid === '0' || hidepid === 'off' ? null : hidepid
}
