// The programs of the sample as they are on disk: installed, replaced by another version, started, asked what they run.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// Inside the package, so that what is installed finds `restart-manager`.
const folder = join(import.meta.dirname, '..', 'installed')

export interface Status {
  version: string
  data: string
  pid: number
}

export function filesOf(program: string): string[] {
  return [join(folder, program, `${program}.ts`), join(folder, program, 'data.txt')]
}

/** As installers do: the new file is written beside the old one and renamed over it. */
export function install(program: string, version: string): void {
  const home = join(folder, program)
  mkdirSync(home, { recursive: true })
  const source = readFileSync(join(import.meta.dirname, 'clock.ts'), 'utf8').replace("'1.0'", `'${version}'`)
  for (const [name, text] of [
    [`${program}.ts`, source],
    ['data.txt', `data of ${version}`],
  ] as const) {
    writeFileSync(join(home, `${name}.new`), text)
    renameSync(join(home, `${name}.new`), join(home, name))
  }
}

export async function start(program: string): Promise<Status> {
  const child = spawn(process.execPath, [join(folder, program, `${program}.ts`)], { stdio: 'ignore', detached: true })
  child.unref()
  await once(child, 'spawn')
  return running(program, child.pid ?? 0)
}

/** What the program says of itself once it runs as this process. */
export async function running(program: string, pid: number): Promise<Status> {
  const home = join(folder, program)
  const changed = new AbortController()
  const changes = watch(home, { signal: changed.signal })
  const deadline = setTimeout(() => changes.close(), 20_000)
  try {
    for (;;) {
      const next = once(changes, 'change', { signal: AbortSignal.timeout(20_000) })
      next.catch(() => undefined)
      const status = read(join(home, 'status.json'))
      if (status?.pid === pid) return status
      await next
    }
  } finally {
    clearTimeout(deadline)
    changed.abort()
  }
}

export function removeAll(): void {
  rmSync(folder, { recursive: true, force: true })
}

function read(path: string): Status | null {
  try {
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Status) : null
  } catch {
    return null
  }
}
