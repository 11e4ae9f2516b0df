import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { RestartManagerError } from '../../errors/index.ts'
import { HeldDirectory } from '../../linux/held-directory.ts'
import { isSocketBound } from '../../linux/unix-sockets.ts'
import { prepareRuntimeDirectory, runtimeDirectory } from '../../linux/runtime-directory.ts'
import { effectiveUser } from '../../linux/users.ts'
import { prepareApplicationsFolder } from '../application-files.ts'
import { identifyProcess } from '../identity.ts'
import { Lines } from './lines.ts'
import { parseLine, toLine, type Answer } from './messages.ts'
import { socketNames } from './socket-names.ts'

/** The application, as an installer reaches it. */
export interface Listener {
  /** May it be ended? Never rejects. */
  query(): Promise<Answer>
  /** It is to save and end, or to stay after it has been asked. What it rejects with is left unhandled, for the application to see. */
  end(ending: boolean): Promise<void>
}

/**
 * Opens a private socket at which installers of this user and of root can ask this process: nobody else gets into its
 * directory. It keeps no process alive. Errors: STORE_FAILED.
 */
export function listenForInstallers(listener: Listener): void {
  const directory = runtimeDirectory()
  prepareRuntimeDirectory(directory)
  const folder = HeldDirectory.open(prepareApplicationsFolder(directory), effectiveUser())
  if (!folder || !listens(folder, listener)) {
    throw new RestartManagerError('STORE_FAILED', `Cannot listen for installers in ${directory}`)
  }
}

/** At the first name that is free. The folder stays open: Node removes the socket by the same name at the end. */
function listens(folder: HeldDirectory, listener: Listener): boolean {
  for (const name of socketNames(identifyProcess(process.pid))) {
    if (folder.socketAt(name) !== 'missing') {
      if (isSocketBound(name)) continue
      // Left by the program that this process was before it became another one (execve(2)).
      rmSync(folder.path(name))
    }
    const server = createServer((socket) => void converse(socket, listener))
    // Another thread was quicker: the next name will do. A worker of node:cluster must not listen through its primary.
    server.on('error', () => undefined)
    server.listen({ path: folder.path(name), exclusive: true })
    if (!server.listening) continue
    chmodSync(folder.path(name), 0o600)
    server.unref()
    return true
  }
  folder[Symbol.dispose]()
  return false
}

/** An installer that goes away after it has asked has thought better of it, or was killed. */
async function converse(socket: Socket, listener: Listener): Promise<void> {
  socket.unref()
  const lines = new Lines(socket)
  let [asked, told] = [false, false]
  for (let line = await lines.next(); line !== null; line = await lines.next()) {
    const type = parseLine(line)?.type
    if (type === 'query' && !asked) {
      asked = true
      void listener.query().then((answer) => lines.say(toLine({ type: 'answer', ...answer })))
    } else if (type === 'end' && asked && !told) {
      told = true
      void listener.end(true).then(() => lines.say(toLine({ type: 'done' })))
    } else break
  }
  lines.close()
  if (asked && !told) await listener.end(false)
}
