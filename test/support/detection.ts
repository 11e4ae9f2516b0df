import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { detectUses, type Detection, type DetectionOptions } from '../../src/detection/index.ts'
import { identifyFile } from '../../src/linux/inspect-path.ts'
import type { FileUse, RegisteredFile } from '../../src/model/index.ts'

/** A path as a session keeps it: with the file that it names now. */
export function registered(path: string): RegisteredFile {
  return { path, identity: identifyFile(path) }
}

/**
 * How `pid` uses these files and directories: `['/tmp/a open', '/tmp/b mapped replaced']`. Asked twice, by the way that this
 * machine prefers and by looking at every process, which have to agree.
 */
export async function usesBy(
  pid: number,
  files: RegisteredFile[],
  directories: RegisteredFile[] = [],
): Promise<string[]> {
  const ask = async (options: DetectionOptions) => {
    const { uses } = await detectUses({ files, directories }, options)
    return uses.filter((use) => use.process.pid === pid).map(describeUse)
  }
  const uses = await ask({})
  assert.deepEqual(uses, await ask({ means: 'processes' }), 'the kernel and the processes should tell the same')
  return uses
}

function describeUse({ path, as, replaced }: FileUse): string {
  return `${path} ${as}${replaced ? ' replaced' : ''}`
}

/** What another user finds, start times as text. Needs root. */
export async function detectAs(user: number, files: string[]): Promise<Detection> {
  const program = fileURLToPath(new URL('../fixtures/detects-uses.ts', import.meta.url))
  const command = ['--disable-warning=ExperimentalWarning', program, ...files]
  const { stdout } = await promisify(execFile)(process.execPath, command, { uid: user, gid: user })
  return JSON.parse(stdout) as Detection
}
