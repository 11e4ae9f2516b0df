import type { Role } from './cell.ts'
import type { FileSystem } from './file-systems.ts'

/** Cells in which detection is known not to be right. The test fails as soon as it is. */
interface Gap {
  reason: string
  roles: Role[]
  fileSystem: RegExp
  name: RegExp
}

const gaps: Gap[] = [
  {
    reason:
      'Where maps and stat(2) give different devices (btrfs, an overlay of two file systems), a user may not follow ' +
      'map_files: what is mapped and has no path any more by which the process reaches it cannot be told from another file',
    roles: ['user'],
    fileSystem: /btrfs|two file systems/,
    name: /^(removed|renamed over|registered, then another file mounted|in a chroot|.*then removed|.* of its own, removed).*, mapped$|^a file in it mapped, removed since$/,
  },
  {
    reason: 'The same, for a program: that it runs is found, and yet it is among those that could not be looked at',
    roles: ['user'],
    fileSystem: /btrfs|two file systems/,
    name: /^executable, (renamed over|removed) while it runs$/,
  },
  {
    reason:
      'In an overlay of two file systems without an index of links, the copy of a file with two names gets another inode ' +
      'number, which stat(2) then also gives for what was mapped before',
    roles: ['root', 'user'],
    fileSystem: /two file systems/,
    name: /^held, one of two hard links in the lower layer, .*, mapped$/,
  },
]

/** Why restart-manager is not right in this cell; null where it has to be. */
export function gapIn(system: FileSystem, role: Role, name: string): string | null {
  const gap = gaps.find(
    (each) => each.roles.includes(role) && each.fileSystem.test(system.name) && each.name.test(name),
  )
  return gap?.reason ?? null
}
