import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { readChildren } from '../../linux/process-tree.ts'

/** Milliseconds that logind may take to answer; who runs without the delay then runs all the same. */
const answerMs = 2_000
const arguments_ = [
  '--what=shutdown',
  '--mode=delay',
  '--who=restart-manager',
  '--why=Services and programs are stopped for a change and will be started again',
  'cat',
]

/**
 * Keeps the machine from shutting down while something is stopped: a delay lock of logind (org.freedesktop.login1(5),
 * Inhibit). logind waits for it as long as InhibitDelayMaxSec= of logind.conf(5) says, by default 5 s. Nothing happens where
 * there is no logind.
 */
export interface ShutdownDelay {
  /** Resolves when the delay holds, or cannot be had. Once it holds, nothing more happens. */
  take(): Promise<void>
  release(): Promise<void>
  /** Whether a process is one of those that hold the delay: they are this program's own, and affected by nothing. */
  isHeldBy(pid: number): boolean
}

/**
 * The lock is a descriptor, and systemd-inhibit(1) has it as long as its `cat` waits for input from a pipe of this process:
 * it goes with this process, however that ends. `booted`: a directory that is there where systemd runs (sd_booted(3)).
 */
export function createShutdownDelay(booted = '/run/systemd/system'): ShutdownDelay {
  let holder: Promise<ChildProcess | null> | null = null
  let pid: number | undefined
  return {
    async take() {
      if (!existsSync(booted)) return
      holder ??= hold()
      pid = (await holder)?.pid
    },
    async release() {
      const held = await holder
      holder = null
      pid = undefined
      if (held) await letGo(held)
    },
    isHeldBy: (other) => pid !== undefined && (other === pid || readChildren(pid).includes(other)),
  }
}

/** Null where systemd-inhibit is not there, refuses, or does not answer in time. */
async function hold(): Promise<ChildProcess | null> {
  // A group of its own: the Ctrl-C of a terminal is not for it.
  const child = spawn('systemd-inhibit', arguments_, { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  const { stdin, stdout } = child
  child.on('error', () => undefined)
  stdin.on('error', () => undefined).write('\n')
  // cat(1) says it back when it runs, and it runs when systemd-inhibit has the lock.
  const signal = AbortSignal.timeout(answerMs)
  const ended = once(child, 'close', { signal }).then(() => false)
  const holds = await Promise.race([once(stdout, 'data', { signal }).then(() => true), ended]).catch(() => false)
  ended.catch(() => undefined)
  if (!holds) {
    stdin.destroy()
    child.kill('SIGKILL')
    return null
  }
  // It keeps no program alive that has nothing else to do.
  child.unref()
  for (const pipe of [stdin, stdout] as unknown as Socket[]) pipe.unref()
  return child
}

async function letGo(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  const ended = once(child, 'exit')
  child.stdin?.end()
  const late = setTimeout(() => child.kill('SIGKILL'), answerMs)
  await ended
  clearTimeout(late)
}
