import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const bootMs = 90_000
const powerOffMs = 30_000
const commandMs = 60_000
const pollMs = 100
const tools = ['systemd-nspawn', 'nsenter', 'unshare', 'setpriv', 'mount']

/** Where the repository is inside the machine, read-only. */
export const repositoryInside = '/opt/restart-manager'

export interface CommandOptions {
  /** Whom to run as, with this number as its group too; root by default. */
  uid?: number
  /** Added to a clean environment. */
  env?: Record<string, string>
  /** Standard input; empty by default. */
  input?: string
  /** Milliseconds after which the wait for it ends with an error: 60,000. */
  timeoutMs?: number
}

export interface CommandResult {
  status: number | null
  stdout: string
  stderr: string
}

type Command = ChildProcessByStdio<Writable, Readable, Readable>

/** A throw-away machine with its own systemd as PID 1; powered off, with nothing left behind, when it is disposed of. */
export interface Machine extends AsyncDisposable {
  /** Its PID 1, as this machine numbers it. */
  readonly pid: number
  /** The Node.js of the repository, inside. */
  readonly nodePath: string
  /** Runs a command inside and waits for its end. */
  run(command: string[], options?: CommandOptions): Promise<CommandResult>
  /** Starts a command inside; what it writes can be read while it runs. */
  spawn(command: string[], options?: Pick<CommandOptions, 'uid' | 'env'>): Command
}

/** Why no machine can be had here; null where one can. */
export function machineAvailable(): string | null {
  if (process.platform !== 'linux') return 'The test machine needs Linux'
  if (process.getuid?.() !== 0) return 'The test machine needs root'
  const missing = tools.filter((tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error !== undefined)
  if (missing.length > 0) return `The test machine needs ${missing.join(', ')} (apt install systemd-container)`
  return null
}

/**
 * What becomes the machine. Its own control group, because two machines in the
 * root of the hierarchy would share the group `payload`. Its own mount namespace, because the mounts then go when it goes,
 * however it goes. Its own PID namespace, because a systemd-nspawn that is killed leaves its machine running. It dies with
 * its parent. Arguments: name, repository, then the control groups to make.
 */
const launcher = `
set -e
name=$1 repository=$2
shift 2
for group; do mkdir "$group" && echo $$ >"$group/cgroup.procs"; done
exec setpriv --pdeathsig KILL unshare --pid --fork --kill-child --mount-proc --mount --propagation private sh -c '
  set -e
  mount -t tmpfs tmpfs /mnt
  mkdir /mnt/root /mnt/repository
  mount --bind / /mnt/root
  mount --bind "$2" /mnt/repository
  mkdir -p /run/systemd/nspawn
  mount -t tmpfs tmpfs /run/systemd/nspawn
  mount -t tmpfs tmpfs /tmp
  exec systemd-nspawn -D /mnt/root --machine "$1" --volatile=overlay --boot --register=no --keep-unit --quiet \\
    --bind-ro=/mnt/repository:${repositoryInside}
' sh "$name" "$repository"
`

let machines = 0

/** Boots a machine (4 to 8 s) from a copy of this one: nothing that is written there lasts. Needs `machineAvailable()`. */
export async function bootMachine(): Promise<Machine> {
  removeLeftControlGroups()
  const name = `restart-manager-${process.pid}-${++machines}`
  const groups = hierarchies().map((hierarchy) => join(hierarchy, name))
  const launched = spawn('sh', ['-c', launcher, 'sh', name, repository, ...groups], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = new Promise<void>((resolve) => launched.once('close', () => resolve()))
  let console = ''
  const keep = (chunk: Buffer): void => void (console = (console + chunk.toString()).slice(-4_000))
  launched.stdout.on('data', keep)
  launched.stderr.on('data', keep)
  const leave = async (): Promise<void> => {
    const timer = setTimeout(() => launched.kill('SIGKILL'), powerOffMs)
    await ended
    clearTimeout(timer)
    for (const group of groups) removeControlGroup(group)
  }
  try {
    const pid = await booted(launched.pid ?? -1, () => launched.exitCode !== null || launched.signalCode !== null)
    return {
      pid,
      nodePath: join(repositoryInside, 'node_modules/.bin/node'),
      spawn: (command, options) => enter(pid, command, options),
      run: (command, options) => finished(enter(pid, command, options), command, options),
      async [Symbol.asyncDispose]() {
        await finished(enter(pid, ['systemctl', 'poweroff']), ['poweroff']).catch(() => launched.kill('SIGKILL'))
        await leave()
      },
    }
  } catch (cause) {
    launched.kill('SIGKILL')
    await leave()
    throw new Error(`The test machine did not boot; its console says:\n${console}`, { cause })
  }
}

/** Waits until systemd has done with starting; answers its pid. */
async function booted(launched: number, hasEnded: () => boolean): Promise<number> {
  const deadline = performance.now() + bootMs
  while (performance.now() < deadline && !hasEnded()) {
    const pid = firstOf(launched)
    if (pid !== null) {
      const command = ['systemctl', 'is-system-running']
      const { stdout } = await finished(enter(pid, command), command)
      if (['running', 'degraded'].includes(stdout.trim())) return pid
    }
    await sleep(pollMs)
  }
  throw new Error(hasEnded() ? 'systemd-nspawn has ended' : `Not up within ${bootMs} ms`)
}

/** The PID 1 of the machine: the child of systemd-nspawn, which is the child of unshare, that is first in its namespace. */
function firstOf(launched: number): number | null {
  try {
    const first = childrenOf(launched)
      .flatMap(childrenOf)
      .find((pid) => /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')))
    return first ?? null
  } catch {
    // One of them has just ended.
    return null
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

function enter(pid: number, command: string[], { uid, env }: CommandOptions = {}): Command {
  const user = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--init-groups', '--']
  return spawn('nsenter', ['--target', String(pid), '--all', '--', ...user, ...command], {
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      LANG: 'C.UTF-8',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

async function finished(child: Command, command: string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { input = '', timeoutMs = commandMs } = options
  const status = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const overdue = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    overdue.reject(new Error(`Still running after ${timeoutMs} ms: ${command.join(' ')}`))
    child.kill('SIGKILL')
    for (const stream of [child.stdout, child.stderr]) stream.destroy()
  }, timeoutMs)
  // A command that does not read its input is no failure.
  child.stdin.on('error', () => undefined).end(input)
  try {
    const all = Promise.all([status, text(child.stdout), text(child.stderr)])
    const [code, stdout, stderr] = await Promise.race([all, overdue.promise])
    return { status: code, stdout, stderr }
  } finally {
    clearTimeout(timer)
  }
}

/** The control group hierarchies that systemd uses: one with cgroup v2, two where v1 is there as well. */
function hierarchies(): string[] {
  const candidates = ['/sys/fs/cgroup', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified']
  return candidates.filter((hierarchy) => existsSync(join(hierarchy, 'cgroup.procs')))
}

/** Those of machines whose test was killed; they are empty by then. */
function removeLeftControlGroups(): void {
  for (const hierarchy of hierarchies()) {
    for (const entry of readdirSync(hierarchy)) {
      const owner = /^restart-manager-(\d+)-\d+$/.exec(entry)?.[1]
      if (owner !== undefined && !existsSync(`/proc/${owner}`)) removeControlGroup(join(hierarchy, entry))
    }
  }
}

function removeControlGroup(group: string): void {
  try {
    for (const entry of readdirSync(group, { withFileTypes: true })) {
      if (entry.isDirectory()) removeControlGroup(join(group, entry.name))
    }
    rmdirSync(group)
  } catch {
    // Never made, or in use still: the next boot tries again.
  }
}
