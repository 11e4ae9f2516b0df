import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { HeldDirectory } from '../../linux/held-directory.ts'
import { listenerOf } from '../../linux/peer.ts'
import { readCredentials } from '../../linux/process-details.ts'
import { isRunning } from '../../linux/process-stat.ts'
import { allOf, type ProcessIdentity } from '../../model/index.ts'
import { applicationsFoldersOf } from '../application-files.ts'
import type { Conversation } from '../process-manager.ts'
import { waitForEnd } from '../wait.ts'
import { Lines } from './lines.ts'
import { answerFrom, parseLine, toLine, type InstallerMessage } from './messages.ts'
import { socketNames } from './socket-names.ts'

const reason = 'close-app'
/** How long a process that says nothing more may take to be seen as ended. */
const endingMs = 1000

/**
 * Asks a process whether it may be ended, at all its sockets at the same time. Null where it has none, or has ended. It has
 * `timeoutMs` for its answer: none counts as a refusal. After `signal` has aborted no answer is waited for.
 */
export async function askProcess(
  application: ProcessIdentity,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Conversation | null> {
  const found = await connectTo(application)
  if (found.length === 0 || !isRunning(application)) {
    for (const one of found) if (one instanceof Lines) one.close()
    return null
  }
  const channels = found.filter((one) => one instanceof Lines)
  const failures = found.filter((one) => typeof one === 'string')
  const say = (type: InstallerMessage['type']) => channels.forEach((lines) => lines.say(toLine({ type, reason })))
  say('query')
  const patience = new AbortController()
  const timeout = delay(timeoutMs, `it did not answer within ${timeoutMs / 1000} s whether it may be ended`, {
    signal: patience.signal,
  }).catch(() => null)
  const onAbort = () => patience.abort()
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  const first = channels.map((lines) => lines.next())
  const answers = first.map((line) => Promise.race([refusalIn(line, application), timeout]))
  const refusals = [...failures, ...(await allOf(answers)).filter((one) => one !== null)]
  signal.removeEventListener('abort', onAbort)
  patience.abort()

  let told = false
  return {
    refusal: refusals[0] ?? null,
    async end() {
      told = true
      say('end')
      await allOf(channels.map((lines, index) => untilDone(lines, first[index])))
    },
    stay() {
      if (!told) say('stay')
      for (const lines of channels) lines.close()
    },
  }
}

/** Null where it agrees, or has ended meanwhile. */
async function refusalIn(line: Promise<string | null>, application: ProcessIdentity): Promise<string | null> {
  const text = await line
  const answer = text === null ? null : answerFrom(parseLine(text))
  if (answer) return answer.agrees ? null : `it refused to end${answer.why === null ? '' : `: ${answer.why}`}`
  const [running] = await waitForEnd([application], { timeoutMs: endingMs })
  return running ? 'its answer whether it may be ended could not be understood' : null
}

/** Until it says that it is done, or says no more. `first`: its answer, or what came instead of one. */
async function untilDone(lines: Lines, first: Promise<string | null> | undefined): Promise<void> {
  const said = await first
  if (said !== null && said !== undefined && parseLine(said)?.type !== 'done') await lines.next()
}

/** Connections to its sockets; a text where there is one that did not take it, for a person. */
async function connectTo(application: ProcessIdentity): Promise<(Lines | string)[]> {
  const owner = readCredentials(application.pid)?.uid
  if (owner === undefined) return []
  const found: (Lines | string)[] = []
  for (const path of applicationsFoldersOf(application, owner)) {
    using folder = HeldDirectory.open(path, owner)
    if (!folder) continue
    const paths = socketNames(application).filter((name) => folder.socketAt(name) === 'ours')
    const connections = await allOf(paths.map((name) => connectAt(folder.path(name), { pid: application.pid, owner })))
    found.push(...connections.filter((one) => one !== null))
  }
  return found
}

/** Nobody listens where a process has become another program (execve(2)), or has left its socket behind. */
const nobodyThere = ['ECONNREFUSED', 'ENOENT']

/** Null where nobody listens, or somebody else than this process does. */
async function connectAt(path: string, wanted: { pid: number; owner: number }): Promise<Lines | string | null> {
  // What keeps the installer alive is the time that it waits for an answer.
  const socket: Socket = connect({ path }).unref()
  try {
    await once(socket, 'connect')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return nobodyThere.includes(code) ? null : `it could not be asked whether it may be ended: ${code}`
  }
  const peer = listenerOf(socket)
  if (!peer || (peer.pid === wanted.pid && peer.uid === wanted.owner)) return new Lines(socket)
  socket.destroy()
  return null
}
