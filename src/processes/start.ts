import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { readCredentials } from '../linux/process-details.ts'
import { isRunning } from '../linux/process-stat.ts'
import type { ProcessIdentity } from '../model/index.ts'
import { holdingCommand, holdingEnvironment, isHeld, isPassedOn, quoted, releaseScript } from './hold.ts'
import { findProcess } from './identity.ts'
import type { ProcessRestartRecord } from './process-manager.ts'
import { signalProcess } from './signal.ts'
import { openStandardFile } from './standard-files.ts'

/** A program that ends within this time has not come up. */
const settleMs = 500

/**
 * Starts a program as it was recorded, in a session of its own, so that it outlives the caller. `made` is told of its process
 * before the program runs in it. Rejects with an Error that says what went wrong: the program is gone, the working directory
 * is gone, it ended at once; and as `made` does.
 */
export async function startProcess(
  record: ProcessRestartRecord,
  made: (process: ProcessIdentity) => Promise<void>,
): Promise<ProcessIdentity> {
  const { child, release } = runsAsCaller(record) ? spawnHere(record) : spawnAsUser(record)
  child.unref()
  await once(child, 'spawn')
  let identity: ProcessIdentity | null
  try {
    identity = findProcess(child.pid ?? 0)
    if (identity) await made(identity)
  } catch (error) {
    release(null)
    throw error
  }
  release(record)
  await staysUp(child)
  if (!identity) throw new Error('it ended at once')
  return identity
}

/**
 * Whether a start whose caller was killed came about: the program runs in the process that was made for it, and stays up.
 * Where it was never let go, that process ends by itself.
 */
export async function cameUp(identity: ProcessIdentity): Promise<boolean> {
  const patience = performance.now() + heldMs
  while (isRunning(identity) && isHeld(identity.pid)) {
    if (performance.now() > patience) {
      signalProcess(identity, 'SIGKILL')
      return false
    }
    await delay(intervalMs)
  }
  const deadline = performance.now() + settleMs
  while (isRunning(identity) && performance.now() < deadline) await delay(intervalMs)
  return isRunning(identity)
}

const intervalMs = 20
/** How long a shell may take to end, or to become the program, when its caller is dead. Its user may have stopped it. */
const heldMs = 5000

/** A process that was made for a program. `release` lets the program go, null ends the process. */
interface Made {
  child: ChildProcess
  release: (record: ProcessRestartRecord | null) => void
}

/** With the caller's user, group and further groups it has the caller's rights: nothing has to be given up. */
function runsAsCaller({ uid, gid, groups }: ProcessRestartRecord): boolean {
  const own = readCredentials(process.pid)
  const sorted = (numbers: number[]) => [...new Set(numbers)].sort((x, y) => x - y).join()
  return own !== null && own.uid === uid && own.gid === gid && sorted(own.groups) === sorted(groups)
}

/** Where a shell would lose a variable, the program is not held: it starts as it was, and a caller killed right then starts it twice. */
function spawnHere(record: ProcessRestartRecord): Made {
  assertThere(record)
  const files = record.standardFiles.map(openStandardFile)
  try {
    const stdio = files.map((descriptor) => descriptor ?? ('ignore' as const))
    const options = { cwd: record.workingDirectory, detached: true }
    if (!Object.keys(record.environment).every(isPassedOn)) {
      const child = spawn(record.executable, record.commandLine, { ...options, env: record.environment, stdio })
      return { child, release: () => undefined }
    }
    const [shell, ...args] = holdingCommand(record)
    const child = spawn(shell, args, { ...options, env: holdingEnvironment, stdio: [...stdio, 'pipe'] })
    return held(child, ({ environment }) => releaseScript(environment))
  } finally {
    for (const descriptor of files) if (descriptor !== null) closeSync(descriptor)
  }
}

/** The program, and not the shell, is named where one of them is missing. */
function assertThere({ executable, workingDirectory }: ProcessRestartRecord): void {
  if (!existsSync(workingDirectory)) throw new Error(`its working directory is gone: ${workingDirectory}`)
  if (!existsSync(executable)) throw new Error(`its program is gone: ${executable}`)
}

/**
 * util-linux' setpriv(1) takes the user and all its groups on. All that a user has a say in (the environment, which may name
 * libraries to preload, the working directory, the standard files) must not be touched by anything that still is root: the
 * shell that is held does, as the user.
 */
function spawnAsUser(record: ProcessRestartRecord): Made {
  const groups = record.groups.length > 0 ? `--groups=${record.groups.join(',')}` : '--clear-groups'
  const user = [`--reuid=${record.uid}`, `--regid=${record.gid}`, groups]
  const child = spawn('setpriv', [...user, '--', ...holdingCommand(record)], {
    cwd: '/',
    env: holdingEnvironment,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: true,
  })
  return held(child, (wanted) => releaseScript(wanted.environment, preparations(wanted)))
}

function held(child: ChildProcess, script: (record: ProcessRestartRecord) => string): Made {
  // Node makes none where the caller has run out of descriptors: the child says so.
  const pipe = (child.stdio as ChildProcess['stdio'] | undefined)?.[3] as Socket | undefined
  pipe?.unref().on('error', () => {
    // The shell ended before it read all: staysUp sees that.
  })
  return { child, release: (record) => pipe?.end(record ? script(record) : '') }
}

const noWorkingDirectory = 120

function preparations({ workingDirectory, standardFiles }: ProcessRestartRecord): string {
  const files = standardFiles.map((file, descriptor) => {
    if (!file) return ''
    const [test, redirect] = file.writable ? ['-w', '>>'] : ['-r', '<']
    const path = quoted(file.path)
    return `if [ -f ${path} ] && [ ${test} ${path} ]; then exec ${descriptor}${redirect}${path}; fi\n`
  })
  return `cd -- ${quoted(workingDirectory)} || exit ${noWorkingDirectory}\n${files.join('')}`
}

async function staysUp(child: ChildProcess): Promise<void> {
  // While its process was written down nobody listened.
  if (child.exitCode !== null || child.signalCode !== null)
    throw new Error(endedAtOnce(child.exitCode, child.signalCode))
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
