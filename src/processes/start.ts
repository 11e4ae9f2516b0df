import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { readCredentials } from '../linux/process-details.ts'
import type { ProcessIdentity } from '../model/index.ts'
import { findProcess } from './identity.ts'
import type { ProcessRestartRecord } from './process-manager.ts'
import { openStandardFile } from './standard-files.ts'

/** A program that ends within this time has not come up. */
const settleMs = 500

/**
 * Starts a program as it was recorded, in a session of its own, so that it outlives the caller. Rejects with an Error
 * that says what went wrong: the program is gone, the working directory is gone, it ended at once.
 */
export async function startProcess(record: ProcessRestartRecord): Promise<ProcessIdentity> {
  const child = runsAsCaller(record) ? spawnHere(record) : spawnAsUser(record)
  child.unref()
  await once(child, 'spawn')
  const identity = findProcess(child.pid ?? 0)
  await staysUp(child)
  if (!identity) throw new Error('it ended at once')
  return identity
}

/** With the caller's user, group and further groups it has the caller's rights: nothing has to be given up. */
function runsAsCaller({ uid, gid, groups }: ProcessRestartRecord): boolean {
  const own = readCredentials(process.pid)
  const sorted = (numbers: number[]) => [...new Set(numbers)].sort((x, y) => x - y).join()
  return own !== null && own.uid === uid && own.gid === gid && sorted(own.groups) === sorted(groups)
}

function spawnHere(record: ProcessRestartRecord): ChildProcess {
  assertThere(record)
  const files = record.standardFiles.map(openStandardFile)
  try {
    const stdio = files.map((descriptor) => descriptor ?? ('ignore' as const))
    const options = { cwd: record.workingDirectory, env: record.environment, stdio, detached: true }
    return spawn(record.executable, record.commandLine, options)
  } finally {
    for (const descriptor of files) if (descriptor !== null) closeSync(descriptor)
  }
}

/** Node names the program where the working directory is what is missing. */
function assertThere({ executable, workingDirectory }: ProcessRestartRecord): void {
  if (!existsSync(workingDirectory)) throw new Error(`its working directory is gone: ${workingDirectory}`)
  if (!existsSync(executable)) throw new Error(`its program is gone: ${executable}`)
}

/**
 * util-linux' setpriv(1) takes the user and all its groups on. All that a user has a say in (the environment, which may name
 * libraries to preload, the working directory, the standard files) must not be touched by anything that still is root: a
 * shell of the user's does, and reads what to do from descriptor 3.
 */
function spawnAsUser(record: ProcessRestartRecord): ChildProcess {
  const groups = record.groups.length > 0 ? `--groups=${record.groups.join(',')}` : '--clear-groups'
  const user = [`--reuid=${record.uid}`, `--regid=${record.gid}`, groups]
  const shell = ['/bin/sh', '-c', 'eval "$(cat <&3)"; exec 3<&-; exec "$@"', 'sh']
  const child = spawn('setpriv', [...user, '--', ...shell, record.executable, ...record.commandLine], {
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const script = child.stdio[3] as Writable
  script.on('error', () => {
    // The shell ended before it read all: staysUp sees that.
  })
  script.end(shellScript(record))
  return child
}

const noWorkingDirectory = 120

function shellScript({ workingDirectory, standardFiles, environment }: ProcessRestartRecord): string {
  const files = standardFiles.map((file, descriptor) => {
    if (!file) return ''
    const [test, redirect] = file.writable ? ['-w', '>>'] : ['-r', '<']
    const path = quoted(file.path)
    return `if [ -f ${path} ] && [ ${test} ${path} ]; then exec ${descriptor}${redirect}${path}; fi\n`
  })
  return `cd -- ${quoted(workingDirectory)} || exit ${noWorkingDirectory}\n${files.join('')}${exports(environment)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Variables that bash, where it is /bin/sh, does not let anybody set. */
const readOnly = ['BASHOPTS', 'EUID', 'PPID', 'SHELLOPTS', 'UID']

/** Shell text that sets these variables; what the shell cannot name or set is left out. */
function exports(environment: Record<string, string>): string {
  return Object.entries(environment)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name) && !readOnly.includes(name))
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('')
}

async function staysUp(child: ChildProcess): Promise<void> {
  const settled = new AbortController()
  const ended = (
    once(child, 'exit', { signal: settled.signal }) as Promise<[number | null, NodeJS.Signals | null]>
  ).then(
    ([code, signal]: [number | null, NodeJS.Signals | null]) => endedAtOnce(code, signal),
    () => null,
  )
  const failure = await Promise.race([ended, delay(settleMs, null)])
  settled.abort()
  if (failure !== null) throw new Error(failure)
}

function endedAtOnce(code: number | null, signal: NodeJS.Signals | null): string {
  if (code === noWorkingDirectory) return 'its working directory is gone, or its user may not go there'
  return `it ended at once (${signal ?? `exit ${code}`})`
}
