import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Scope } from './control-group.ts'

const lines = 10
const timeoutMs = 3_000
const run = promisify(execFile)

/**
 * The last lines of the journals of some units since a time in milliseconds since 1970, oldest first; none where there is no
 * journal or it may not be read.
 */
export async function journalOf(scope: Scope, names: string[], since: number): Promise<string[]> {
  try {
    // What the service has just written may still be on its way; only root may ask journald to catch up.
    if (process.getuid?.() === 0) await journalctl(['--sync']).catch(() => undefined)
    const output = await journalctl([
      ...names.flatMap((name, index) => (index === 0 ? unitMatches(scope, name) : ['+', ...unitMatches(scope, name)])),
      // systemd.time(7): seconds since 1970, with a fraction.
      `--since=@${since / 1000}`,
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

/**
 * What the unit's processes wrote and what the service manager wrote about it (systemd.journal-fields(7)). Not `--unit`: it
 * takes what is said about a unit from PID 1 only, and so leaves out why a program could not be run.
 */
function unitMatches(scope: Scope, name: string): string[] {
  if (scope.kind === 'system') return [`_SYSTEMD_UNIT=${name}`, '+', '_UID=0', `UNIT=${name}`]
  const whose = `_UID=${scope.uid}`
  return [whose, `_SYSTEMD_USER_UNIT=${name}`, '+', whose, `USER_UNIT=${name}`]
}

async function journalctl(options: string[]): Promise<string> {
  const { stdout } = await run('journalctl', ['--no-pager', ...options], { timeout: timeoutMs, killSignal: 'SIGKILL' })
  return stdout
}
