import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Scope } from './control-group.ts'

const lines = 10
const timeoutMs = 3_000
const run = promisify(execFile)

/** The last lines of a service's journal, oldest first; none where there is no journal or it may not be read. */
export async function journalOf(scope: Scope, name: string): Promise<string[]> {
  const manager = scope.kind === 'user' ? ['--user'] : []
  try {
    // What the service has just written may still be on its way; only root may ask journald to catch up.
    if (process.getuid?.() === 0) await journalctl(['--sync']).catch(() => undefined)
    const output = await journalctl([
      ...manager,
      '--unit',
      name,
      '--lines',
      String(lines),
      '--quiet',
      '--output',
      'cat',
    ])
    return output.split('\n').filter((line) => line !== '')
  } catch {
    return []
  }
}

async function journalctl(options: string[]): Promise<string> {
  const { stdout } = await run('journalctl', ['--no-pager', ...options], { timeout: timeoutMs, killSignal: 'SIGKILL' })
  return stdout
}
