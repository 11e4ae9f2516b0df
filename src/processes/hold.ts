import { readCommand } from '../linux/process-details.ts'
import type { ProcessRestartRecord } from './process-manager.ts'

/**
 * A shell that becomes the program when it is told to. It says that it waits by an empty line on descriptor 3; it needs no
 * process and no descriptor more from then on, so that it can be given limits. What it does it reads from there, up to the
 * end; the last line is the one that makes it the program, so that where the sender ends before it has sent all, the shell
 * just ends.
 */
const hold = 'eval "$(echo >&3; exec cat <&3)"; exit 121'

/** The command that waits, in the very process that the program will have. */
export function holdingCommand({ executable, commandLine }: ProcessRestartRecord): [string, ...string[]] {
  return ['/bin/sh', '-c', hold, 'sh', executable, ...commandLine]
}

/** The environment of the shell itself, which wants nothing but `cat`. */
export const holdingEnvironment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }

/** Whether a process still waits to be told: its command line (proc_pid_cmdline(5)) changes when it becomes the program. */
export function isHeld(pid: number): boolean {
  return readCommand(pid)?.includes(hold) ?? false
}

/** What makes the shell the program, with this environment. `preparations`: shell text, whole lines. */
export function releaseScript(environment: Record<string, string>, preparations = ''): string {
  // bash complains of locales that it does not have.
  const variables = `{\nunset PATH PWD OLDPWD SHLVL\n${exports(environment)}} 2>/dev/null\n`
  return `${preparations}${variables}exec 3<&-\nexec "$@"\n`
}

/** Variables that dash or bash have for themselves: they cannot be set, or mean something else then. */
const shellsOwn = new Set([
  ...['BASHOPTS', 'BASH_ARGC', 'BASH_ARGV', 'BASH_LINENO', 'BASH_SOURCE', 'BASH_VERSINFO', 'DIRSTACK', 'EUID'],
  ...['FUNCNAME', 'GROUPS', 'LINENO', 'OPTIND', 'PPID', 'RANDOM', 'SHELLOPTS', 'SRANDOM', 'UID'],
])

/** A shell can hand this variable on as it is. */
export function isPassedOn(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !shellsOwn.has(name)
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Shell text that sets these variables; what the shell cannot hand on is left out. */
function exports(environment: Record<string, string>): string {
  return Object.entries(environment)
    .filter(([name]) => isPassedOn(name))
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('')
}
