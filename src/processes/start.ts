import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { effectiveUser } from '../linux/users.ts'
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
  assertThere(record)
  const files = record.standardFiles.map(openStandardFile)
  let child: ChildProcess
  try {
    const stdio = files.map((descriptor) => descriptor ?? ('ignore' as const))
    child = record.uid === effectiveUser() ? spawnHere(record, stdio) : spawnAsUser(record, stdio)
  } finally {
    for (const descriptor of files) if (descriptor !== null) closeSync(descriptor)
  }
  child.unref()
  await once(child, 'spawn')
  const identity = findProcess(child.pid ?? 0)
  await staysUp(child)
  if (!identity) throw new Error('it ended at once')
  return identity
}

/** Node names the program where the working directory is what is missing. */
function assertThere({ executable, workingDirectory }: ProcessRestartRecord): void {
  if (!existsSync(workingDirectory)) throw new Error(`its working directory is gone: ${workingDirectory}`)
  if (!existsSync(executable)) throw new Error(`its program is gone: ${executable}`)
}

type StandardFiles = ('ignore' | number)[]

function spawnHere(record: ProcessRestartRecord, stdio: StandardFiles): ChildProcess {
  const options = { cwd: record.workingDirectory, env: record.environment, stdio, detached: true }
  return spawn(record.executable, record.commandLine, options)
}

/**
 * util-linux' setpriv(1) takes the user and all its groups on. The program's environment may name libraries to preload,
 * so nothing that still is root may see it: a shell of the user's reads it from descriptor 3.
 */
function spawnAsUser(record: ProcessRestartRecord, stdio: StandardFiles): ChildProcess {
  const groups = record.groups.length > 0 ? `--groups=${record.groups.join(',')}` : '--clear-groups'
  const user = [`--reuid=${record.uid}`, `--regid=${record.gid}`, groups]
  const shell = ['/bin/sh', '-c', 'eval "$(cat <&3)"; exec 3<&-; exec "$@"', 'sh']
  const child = spawn('setpriv', [...user, '--', ...shell, record.executable, ...record.commandLine], {
    cwd: record.workingDirectory,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: [...stdio, 'pipe'] as StdioOptions,
    detached: true,
  })
  const script = child.stdio[3] as Writable
  script.on('error', () => {
    // The shell ended before it read all: staysUp sees that.
  })
  script.end(exports(record.environment))
  return child
}

/** Variables that bash, where it is /bin/sh, does not let anybody set. */
const readOnly = ['BASHOPTS', 'EUID', 'PPID', 'SHELLOPTS', 'UID']

/** Shell text that sets these variables; what the shell cannot name or set is left out. */
function exports(environment: Record<string, string>): string {
  return Object.entries(environment)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name) && !readOnly.includes(name))
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join('')
}

async function staysUp(child: ChildProcess): Promise<void> {
  const settled = new AbortController()
  const ended = (
    once(child, 'exit', { signal: settled.signal }) as Promise<[number | null, NodeJS.Signals | null]>
  ).then(
    ([code, signal]: [number | null, NodeJS.Signals | null]) => `it ended at once (${signal ?? `exit ${code}`})`,
    () => null,
  )
  const failure = await Promise.race([ended, delay(settleMs, null)])
  settled.abort()
  if (failure !== null) throw new Error(failure)
}
