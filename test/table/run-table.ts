import { spawn } from 'node:child_process'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Table } from './cell.ts'

const program = fileURLToPath(new URL('inside.ts', import.meta.url))

/** The mounts of the table go with this namespace, and it goes with the last process in it; they all end with standard input. */
const inPrivateMounts = ['unshare', '--mount', '--propagation', 'private', '--']

/** Runs every case on every file system that this machine allows. `others`: asks fuser and lsof, too (about 1 s for 20 cells). */
export async function runTable(options: { others: boolean }): Promise<Table> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'restart-manager-table-'))
  const [command = '', ...args] = [
    ...(process.getuid?.() === 0 ? inPrivateMounts : []),
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    program,
    folder.path,
    ...(options.others ? ['others'] : []),
  ]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const [output] = await Promise.all([
    text(child.stdout),
    new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve)),
  ])
  if (output === '') throw new Error(`The table did not run through: exit status ${String(child.exitCode)}`)
  return JSON.parse(output) as Table
}
