import { statSync } from 'node:fs'

/** The inode numbers that the first namespaces of the machine always have: PROC_USER_INIT_INO, PROC_PID_INIT_INO (include/linux/proc_ns.h). */
const first = { user: 0xefff_fffd, pid: 0xefff_fffc } as const

/** Whether this process is in the first namespace of the machine of that kind (namespaces(7)): its pids, its users are those of the kernel. */
export function inFirstNamespace(kind: keyof typeof first): boolean {
  return statSync(`/proc/self/ns/${kind}`).ino === first[kind]
}
