import type { Mount } from './mounts.ts'

/** Its links lead to where their reader stands, not the one who names them. */
const misleading = /^proc$/
/** FUSE answers when a program of some user wants it to, or never; autofs mounts what the name says. */
const foreignToo = /^(proc|autofs|fuse|fuse\..*)$/

/**
 * Where file systems are mounted that are not entered by a name which a process gives. `isForeign`: it is another user's, who
 * could make the one that looks wait; whoever gives names of his own may.
 */
export function avoidedMounts(mounts: readonly Mount[], isForeign: boolean): Set<string> {
  const types = isForeign ? foreignToo : misleading
  const points = new Set<string>()
  for (const { point, type } of mounts) {
    if (types.test(type)) points.add(point)
    else points.delete(point)
  }
  return points
}
