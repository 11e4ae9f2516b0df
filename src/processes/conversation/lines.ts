import type { Socket } from 'node:net'

/** No message is longer; who sends more is not one of ours. */
const longestLine = 4096

/** Lines over a socket, one at a time: it is read only while one is waited for, so that nobody fills this process' memory. */
export class Lines {
  readonly #socket: Socket
  #received = ''
  #closed = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.pause()
    socket.once('close', () => (this.#closed = true))
    // The other end has gone: that closes it, and `next` says so.
    socket.on('error', () => undefined)
  }

  /** Nothing happens where the other end has gone. */
  say(line: string): void {
    if (this.#socket.writable) this.#socket.write(line)
  }

  /** The next line without its end; null where none comes any more, or one that is too long. */
  async next(): Promise<string | null> {
    for (;;) {
      const end = this.#received.indexOf('\n')
      if (end >= 0) return this.#take(end)
      if (this.#received.length > longestLine) this.#socket.destroy()
      if (this.#closed || this.#socket.destroyed) return null
      await this.#more()
    }
  }

  /** Lets go, when what was said has been sent. */
  close(): void {
    this.#socket.destroySoon()
  }

  #take(end: number): string {
    const line = Buffer.from(this.#received.slice(0, end), 'latin1').toString()
    this.#received = this.#received.slice(end + 1)
    return line
  }

  async #more(): Promise<void> {
    const socket = this.#socket
    await new Promise<void>((resolve) => {
      const onData = (chunk: string) => {
        this.#received += chunk
        settle()
      }
      const settle = () => {
        socket.pause().off('data', onData).off('close', settle)
        resolve()
      }
      socket.on('data', onData).once('close', settle).resume()
    })
  }
}
