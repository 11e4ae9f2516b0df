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

/** For `first`: koffi cannot be loaded. */
export const withoutKoffi = new URL('../fixtures/lib/without-koffi.ts', import.meta.url)

export interface DetectingProcess {
  /** A command that runs it, such as `['unshare', '--mount']`. */
  under?: string[]
  /** A module that it loads first. */
  first?: URL
}

/** What another process finds, start times as text. */
export async function detectElsewhere(
  files: string[],
  { under = [], first }: DetectingProcess = {},
): Promise<Detection> {
  const detects = fileURLToPath(new URL('../fixtures/detects-uses.ts', import.meta.url))
  const imports = first ? ['--import', first.href] : []
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', ...imports, detects, ...files]
  const [program = '', ...args] = [...under, ...node]
  const { stdout } = await promisify(execFile)(program, args)
  return JSON.parse(stdout) as Detection
}

/** As `detectElsewhere`, for another user. Needs root. */
export function detectAs(user: number, files: string[]): Promise<Detection> {
  return detectElsewhere(files, { under: asUser(user) })
}

/** A command that runs another as a user who has no rights of root. Needs root. */
export function asUser(user: number): string[] {
  return ['setpriv', '--reuid', String(user), '--regid', String(user), '--clear-groups']
}
