import { once } from 'node:events'
import { Socket } from 'node:net'
import type { MessageBus } from 'dbus-native'
import type { Address } from './addresses.ts'
import { callError, ConnectionLost } from './bus-errors.ts'

/** Milliseconds that a call or a connection may take: systemd answers at once, jobs are waited for by signal. */
const answerMs = 10_000
const knockMs = 100
const signalMessage = 4

export interface Call {
  path: string
  interface: string
  member: string
  signature?: string
  body?: unknown[]
}

export interface Signal {
  member: string
  body: unknown[]
}

/** One connection to a service manager. It keeps the event loop alive only while something waits for it. */
export class Bus {
  /** Whether it talks to the service manager without a bus between. */
  readonly direct: boolean
  readonly #client: MessageBus
  readonly #listeners = new Set<(signal: Signal) => void>()
  readonly #lost = Promise.withResolvers<never>()
  #holders = 0
  #open = true

  private constructor(client: MessageBus, direct: boolean) {
    this.#client = client
    this.direct = direct
    this.#lost.promise.catch(() => undefined)
    this.#socket?.unref()
    client.connection.on('message', ({ type, member, body }) => {
      if (type !== signalMessage || member === undefined) return
      for (const listener of this.#listeners) listener({ member, body: body ?? [] })
    })
    client.connection.on('close', (cause) => {
      this.#open = false
      this.#lost.reject(new ConnectionLost('The connection to systemd broke', { cause }))
    })
  }

  /** Rejects with whatever the attempt failed with; the connection answers. Loads dbus-native (28 ms) at the first call. */
  static async open(address: Address): Promise<Bus> {
    const { createClient } = await import('dbus-native')
    // `direct` and one way to authenticate: the Hello of dbus-native, and its fallback to cookies, throw out of an event
    // handler where they fail.
    const options = { timeout: answerMs, fdTransport: false, direct: true, authMethods: ['EXTERNAL'] }
    const client = createClient({ ...address, ...options })
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => reject(new Error(`No connection within ${answerMs} ms`)), answerMs)
    client.connection.on('error', reject)
    client.connection.on('connect', () => resolve(undefined))
    client.connection.on('close', () => reject(new Error('The connection was closed')))
    try {
      await promise
      const bus = new Bus(client, address.direct)
      await (bus.direct ? knock(bus) : bus.callDaemon({ member: 'Hello' }))
      return bus
    } catch (error) {
      client.connection.stream.destroy()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** The answer: nothing, the one value, or an array of several. Rejects with Refusal, ConnectionLost or SERVICE_MANAGER_FAILED. */
  async call(call: Call): Promise<unknown> {
    return await this.#call(call, 'org.freedesktop.systemd1')
  }

  /** The same, of the message bus itself (D-Bus specification, Message Bus Messages). */
  async callDaemon(call: Pick<Call, 'member' | 'signature' | 'body'>): Promise<unknown> {
    const daemon = 'org.freedesktop.DBus'
    return await this.#call({ ...call, path: '/org/freedesktop/DBus', interface: daemon }, daemon)
  }

  async #call(call: Call, destination: string): Promise<unknown> {
    try {
      return await this.whileHeld(async () => await this.#client.invoke<unknown>({ ...call, destination }))
    } catch (error) {
      throw callError(error, call.member)
    }
  }

  /** Calls `listener` with every signal from now on, until the answer is called. */
  listen(listener: (signal: Signal) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Keeps the event loop alive until `work` is done; rejects with ConnectionLost when the connection breaks before that. */
  async whileHeld<T>(work: () => Promise<T>): Promise<T> {
    if (this.#holders++ === 0) this.#socket?.ref()
    try {
      return await Promise.race([work(), this.#lost.promise])
    } finally {
      if (--this.#holders === 0) this.#socket?.unref()
    }
  }

  /** Ends whatever waits for it with ConnectionLost. */
  async close(): Promise<void> {
    const { stream } = this.#client.connection
    if (stream.destroyed) return
    const closed = once(stream, 'close')
    // Not ended but destroyed: a peer that hangs would never end its side.
    stream.destroy()
    await closed
  }

  get #socket(): Socket | null {
    const { stream } = this.#client.connection
    return stream instanceof Socket ? stream : null
  }
}

/**
 * Asks until it answers. systemd, where it is busy, reads the end of the handshake and the first call in one piece, and
 * then lets that call lie until more comes in: seen with 252 right after it executed itself anew.
 */
async function knock(bus: Bus): Promise<void> {
  const ping = async (): Promise<unknown> =>
    await bus.call({ path: '/', interface: 'org.freedesktop.DBus.Peer', member: 'Ping' })
  const again = setInterval(() => void ping().catch(() => undefined), knockMs)
  try {
    await ping()
  } finally {
    clearInterval(again)
  }
}
