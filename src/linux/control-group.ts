import { existsSync, writeFileSync } from 'node:fs'
import type { ControlGroup } from './process-context.ts'

const root = '/sys/fs/cgroup'

/** Whether a control group is there. */
export function controlGroupExists(group: ControlGroup): boolean {
  return memberFiles(group).some((path) => existsSync(path))
}

/**
 * Moves a process into a control group that is there (cgroups(7)). Throws the error of write(2): EACCES where the caller may not
 * write to it, or to one above both (delegation), ENOENT where it is gone.
 */
export function joinControlGroup(pid: number, group: ControlGroup): void {
  const [path = `${root}${group.path}`] = memberFiles(group).filter((one) => existsSync(one))
  writeFileSync(path, String(pid), { flag: 'r+' })
}

/** Where systemd mounts the hierarchies: version 2 alone, or beside those of version 1. */
function memberFiles({ hierarchy, path }: ControlGroup): string[] {
  const mounts = hierarchy === '' ? [root, `${root}/unified`] : [`${root}/${hierarchy.replace(/^name=/, '')}`]
  return mounts.map((mount) => `${mount}${path === '/' ? '' : path}/cgroup.procs`)
}
