import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProcessContext } from '../linux/process-context.ts'
import { isRunning } from '../linux/process-stat.ts'
import type { ProcessIdentity } from '../model/index.ts'
import { findInBackground } from './background.ts'
import { rightsOptions } from './bounds.ts'
import { giveContext } from './context.ts'
import { holdingCommand, holdingEnvironment, isHeld, isPassedOn, quoted, releaseScript } from './hold.ts'
import { findProcess } from './identity.ts'
import { lostStreams } from './lost.ts'
import type { ProcessRestartRecord, StartedProgram } from './process-manager.ts'
import { signalProcess } from './signal.ts'
import { openStandardFile } from './standard-files.ts'

/** A program that ends within this time has not come up. */
const settleMs = 500

/**
 * Starts a program as it was recorded, in a session of its own, so that it outlives the caller. `made` is told of its process
 * before the program runs in it, and that process is given the context before; and again where the program goes on in the
 * background. Rejects with an Error that says what went wrong: the program is gone, the working directory is gone, it ended at
 * once; and as `made` does.
 */
export async function startProcess(
  record: ProcessRestartRecord,
  made: (process: ProcessIdentity) => Promise<void>,
): Promise<StartedProgram> {
  const rights = rightsOptions(record)
  const { child, waits, release, unopened } = rights.length === 0 ? spawnHere(record) : spawnWithRights(record, rights)
  child.unref()
  await once(child, 'spawn')
  let identity: ProcessIdentity | null
  let changed: string[] = []
  try {
    identity = findProcess(child.pid ?? 0)
    if (identity) {
      await made(identity)
      await waits()
      changed = [...record.lost, ...(await giveContext(identity, record, record.context))]
    }
  } catch (error) {
    release(null)
    throw error
  }
  release(record)
  const end = await endWithin(child)
  const lost = unopened()
  changed.push(
    ...lostStreams(record.standardFiles.map((file, one) => (lost.includes(one) ? (file?.path ?? null) : null))),
  )
  if (end === null && identity) return { process: identity, changed }
  const background = end?.code === 0 && identity ? await inBackground(record, identity) : null
  if (!background) throw new Error(endedAtOnce(end))
  await made(background)
  return { process: background, changed }
}

/** Whoever goes into the background takes a moment for it. */
async function inBackground(record: ProcessRestartRecord, first: ProcessIdentity): Promise<ProcessIdentity | null> {
  await delay(settleMs)
  return findInBackground(record, first)
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

/**
 * A process that was made for a program. `waits` resolves when it is ready to be let go or has ended. `release` lets the
 * program go, null ends the process. `unopened`: which of its standard files could not be opened, once the program runs.
 */
interface Made {
  child: ChildProcess
  waits: () => Promise<void>
  release: (record: ProcessRestartRecord | null) => void
  unopened: () => number[]
}

/** Where a shell would lose a variable, the program is not held: it starts as it was, and a caller killed right then starts it twice. */
function spawnHere(record: ProcessRestartRecord): Made {
  assertThere(record)
  const files = record.standardFiles.map(openStandardFile)
  const unopened = () => [0, 1, 2].filter((one) => record.standardFiles[one] && files[one] === null)
  try {
    const stdio = files.map((descriptor) => descriptor ?? ('ignore' as const))
    const options = { cwd: record.workingDirectory, detached: true }
    if (!Object.keys(record.environment).every(isPassedOn)) {
      const child = spawn(record.executable, record.commandLine, { ...options, env: record.environment, stdio })
      return { child, waits: () => Promise.resolve(), release: () => undefined, unopened }
    }
    const [shell, ...args] = holdingCommand(record)
    const child = spawn(shell, args, { ...options, env: holdingEnvironment, stdio: [...stdio, 'pipe'] })
    return { ...held(child, ({ environment, context }) => releaseScript(environment, umask(context))), unopened }
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
 * util-linux' setpriv(1) takes the user and all its groups on, and gives up what the program did not have. All that a user has a say in (the environment, which may name
 * libraries to preload, the working directory, the standard files) must not be touched by anything that still is root: the
 * shell that is held does, as the user.
 */
function spawnWithRights(record: ProcessRestartRecord, rights: string[]): Made {
  const child = spawn('setpriv', [...rights, '--', ...holdingCommand(record)], {
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
  let words = ''
  pipe?.on('data', (text) => (words += String(text)))
  const patience = new AbortController()
  const { signal } = patience
  const said = pipe ? [once(pipe, 'data', { signal })] : []
  const settled = () => true
  const waiting = Promise.race([...said, once(child, 'exit', { signal })]).then(settled, settled)
  return {
    child,
    async waits() {
      const answered = await Promise.race([waiting, delay(heldMs, false, { signal })])
      patience.abort()
      if (!answered) throw new Error('the process that was made for it does not answer')
    },
    release: (record) => pipe?.end(record ? script(record) : ''),
    unopened: () => Array.from(words.matchAll(/\d/g), Number),
  }
}

const noWorkingDirectory = 120

/** Shell text. */
function umask({ umask }: ProcessContext): string {
  return umask === null ? '' : `umask ${umask.toString(8).padStart(4, '0')}\n`
}

function preparations({ workingDirectory, standardFiles, context }: ProcessRestartRecord): string {
  const files = standardFiles.map((file, descriptor) => {
    if (!file) return ''
    const [test, redirect] = file.writable ? ['-w', '>>'] : ['-r', '<']
    const path = quoted(file.path)
    return `if [ -f ${path} ] && [ ${test} ${path} ]; then exec ${descriptor}${redirect}${path}; else echo ${descriptor} >&3; fi\n`
  })
  return `cd -- ${quoted(workingDirectory)} || exit ${noWorkingDirectory}\n${umask(context)}${files.join('')}`
}

interface End {
  code: number | null
  signal: NodeJS.Signals | null
}

/** Null where it stays up. */
async function endWithin(child: ChildProcess): Promise<End | null> {
  // While its process was written down nobody listened.
  if (child.exitCode !== null || child.signalCode !== null) return { code: child.exitCode, signal: child.signalCode }
  const settled = new AbortController()
  const ended = (once(child, 'exit', { signal: settled.signal }) as Promise<[End['code'], End['signal']]>).then(
    ([code, signal]): End => ({ code, signal }),
    () => null,
  )
  const end = await Promise.race([ended, delay(settleMs, null)])
  settled.abort()
  return end
}

function endedAtOnce(end: End | null): string {
  if (!end) return 'it ended at once'
  if (end.code === noWorkingDirectory) return 'its working directory is gone, or its user may not go there'
  return `it ended at once (${end.signal ?? `exit ${end.code}`})`
}
