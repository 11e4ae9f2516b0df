import { execFile, spawnSync } from 'node:child_process'
import { pathBytes } from '../../src/text/path-bytes.ts'

/** Those that a tool names as users of `path`: fuser(1), lsof(8). Messages and exit status say the same, or less. */
export async function askFuser(path: string, user: number | null): Promise<number[]> {
  return pids(await answerOf('exec fuser "$path" 2>/dev/null', path, user))
}

/**
 * For a directory, and for what is beneath it: `lsof +D`. With `-f` lsof takes a path for the file and not for all of the file
 * system that is mounted there.
 */
export async function askLsof(path: string, isDirectory: boolean, user: number | null): Promise<number[]> {
  return pids(await answerOf(`exec lsof -w -t ${isDirectory ? '+D' : '-f --'} "$path" 2>/dev/null`, path, user))
}

/** What the tools call themselves; null for one that is not there. */
export function toolVersions(): { fuser: string | null; lsof: string | null } {
  const fuser = spawnSync('fuser', ['-V'], { encoding: 'utf8' })
  const lsof = spawnSync('lsof', ['-v'], { encoding: 'utf8' })
  return {
    fuser: fuser.error ? null : (/PSmisc\) (\S+)/.exec(fuser.stderr)?.[1] ?? 'of unknown version'),
    lsof: lsof.error ? null : (/revision: (\S+)/.exec(lsof.stderr)?.[1] ?? 'of unknown version'),
  }
}

/** A shell puts the path together, as Node passes only arguments that are UTF-8. */
function answerOf(script: string, path: string, user: number | null): Promise<string> {
  const octal = Array.from(Buffer.from(pathBytes(path)), (byte) => `\\0${byte.toString(8)}`).join('')
  const shell = ['-c', `path=$(printf '%b.' "$1"); path=\${path%.}; ${script}`, 'sh', octal]
  return new Promise((resolve) => {
    execFile('sh', shell, user === null ? {} : { uid: user, gid: user }, (_, output) => resolve(output))
  })
}

function pids(output: string): number[] {
  return output.split(/\s+/).filter(Boolean).map(Number)
}
