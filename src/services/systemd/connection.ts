import type { RestartManagerError } from '../../errors/index.ts'
import type { Address } from './addresses.ts'
import { Bus } from './bus.ts'
import { ConnectionLost, managerFailed, Refusal } from './bus-errors.ts'
import { managerControlGroup } from './manager.ts'

/** How often an operation is begun again because the connection broke under it. */
const attempts = 3

/** The way to one service manager: opened at the first use, opened again where it broke. */
export class Connection {
  readonly #addresses: Address[]
  #bus: Promise<Bus> | null = null
  #closes = 0

  readonly #expected: string | null

  /** `expected`: how the control group of the manager has to end; another one that answers is not the one that is meant. */
  constructor(addresses: Address[], expected: string | null = null) {
    this.#addresses = addresses
    this.#expected = expected
  }

  /**
   * Does `work` on an open connection, from the start again where the connection breaks under it (D-Bus was restarted,
   * systemd executed itself anew), so `work` has to bear being done twice. Rejects with SERVICE_MANAGER_FAILED.
   */
  async use<T>(work: (bus: Bus) => Promise<T>): Promise<T> {
    const closes = this.#closes
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(await this.#opened())
      } catch (error) {
        if (error instanceof Refusal) throw managerFailed('refused', error)
        if (!(error instanceof ConnectionLost)) throw error
        if (attempt === attempts || closes !== this.#closes) throw managerFailed('cannot be reached', error)
      }
    }
  }

  async close(): Promise<void> {
    this.#closes++
    const bus = this.#bus
    this.#bus = null
    await bus?.then(
      async (open) => await open.close(),
      () => undefined,
    )
  }

  async #opened(): Promise<Bus> {
    const before = this.#bus
    const known = await before?.catch(() => null)
    if (known?.isOpen) return known
    // Another caller may have begun to open one meanwhile.
    if (this.#bus === before || this.#bus === null) this.#bus = this.#open()
    return await this.#bus
  }

  async #open(): Promise<Bus> {
    const failures: unknown[] = []
    for (const address of this.#addresses) {
      try {
        return await verified(await subscribed(await Bus.open(address)), this.#expected)
      } catch (error) {
        failures.push(error)
      }
    }
    throw unreachable(this.#addresses, failures)
  }
}

/** Has the signals of the manager sent to this connection: a bus carries only those that somebody asked for. */
async function subscribed(bus: Bus): Promise<Bus> {
  if (bus.direct) return bus
  const manager = { path: '/org/freedesktop/systemd1', interface: 'org.freedesktop.systemd1.Manager' }
  const rule = `type='signal',sender='org.freedesktop.systemd1',interface='${manager.interface}',path='${manager.path}'`
  try {
    await bus.callDaemon({ member: 'AddMatch', signature: 's', body: [rule] })
    await bus.call({ ...manager, member: 'Subscribe' })
    return bus
  } catch (error) {
    await bus.close()
    throw error
  }
}

/** A user may have put a link to another manager's socket in place of the own one: root must not be led there. */
async function verified(bus: Bus, expected: string | null): Promise<Bus> {
  if (expected === null) return bus
  try {
    const group = await managerControlGroup(bus)
    if (group.endsWith(expected)) return bus
    throw new Error(`Another service manager answers there, with the control group ${group || '/'}`)
  } catch (error) {
    await bus.close()
    throw error
  }
}

function unreachable(addresses: Address[], failures: unknown[]): RestartManagerError {
  const tried = addresses.map(({ socket, busAddress }) => socket ?? busAddress).join(', ')
  const cause = failures.length === 1 ? failures[0] : new AggregateError(failures)
  const last = failures.at(-1)
  return managerFailed(
    `cannot be reached (tried ${tried})`,
    last instanceof Error ? new Error(last.message, { cause }) : cause,
  )
}
