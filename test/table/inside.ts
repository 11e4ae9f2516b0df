// inside FOLDER [others]: runs the table in FOLDER and writes it to standard output as JSON. Run by root it mounts, and so is in
// a mount namespace of its own (run-table.ts). Ends with standard input, and all its processes with it.
import { writeSync } from 'node:fs'
import type { Cell, Role, Table } from './cell.ts'
import { mountFileSystems, plainFileSystem, type FileSystem } from './file-systems.ts'
import { prepareGroup, runGroup, type Group } from './group.ts'
import { Looker } from './looking.ts'

const [folder = '', others] = process.argv.slice(2)
const nobody = 65534
const isRoot = process.getuid?.() === 0

process.stdin.on('end', () => process.exit(1)).resume()
process.umask(0o022)
const { systems, missing } = isRoot ? mountFileSystems(folder) : { systems: [plain()], missing: [] }
const roles: Role[] = isRoot ? ['root', 'user'] : ['user']
const groups = systems.flatMap((system) => roles.map((role) => prepareGroup(system, role, userOf(role))))
for (const system of systems) system.seal()

const cells: Cell[] = []
for (const role of roles) {
  const user = role === 'user' && isRoot ? nobody : null
  await using looker = new Looker(user)
  for (const group of groups.filter((each) => each.role === role)) {
    cells.push(...(await runGroup(group, { looker, user, others: others === 'others' })))
  }
}

const skipped = [
  ...missing.map(({ name, reason }) => `${name}: ${reason}`),
  ...groups.flatMap(leftOut),
  ...(isRoot ? [] : ['everything but the temporary folder, and everything as root: mounting takes root']),
]
const output = Buffer.from(JSON.stringify({ cells, skipped } satisfies Table))
for (let written = 0; written < output.length;) written += writeSync(1, output, written)
process.stdin.destroy()

function leftOut({ left }: Group): string[] {
  return left.length === 0 ? [] : [`what takes root: ${left.join('; ')}`]
}

function userOf(role: Role): number {
  return role === 'root' ? 0 : isRoot ? nobody : (process.getuid?.() ?? 0)
}

function plain(): FileSystem {
  return plainFileSystem(folder, 'the temporary folder')
}
