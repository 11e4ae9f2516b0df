import type { Service, ServiceManager, ServiceOutcome } from '../service-manager.ts'
import { addressesOf, type Address } from './addresses.ts'
import type { Bus } from './bus.ts'
import { Refusal } from './bus-errors.ts'
import { Connection } from './connection.ts'
import { membershipOf, type Scope } from './control-group.ts'
import { describeService } from './describe.ts'
import { throwIfCancelled, type Order } from './job.ts'
import { journalOf } from './journal.ts'
import type { JobVerb } from './manager.ts'
import { Meeting } from './meeting.ts'
import { failed, refused } from './outcome.ts'
import { Reloads } from './reloads.ts'
import { restartService, type RestartOrder } from './restart.ts'
import { startService } from './start.ts'
import { stopService } from './stop.ts'
import { serviceName } from './unit-name.ts'

/**
 * systemd as a service manager: the machine's (`system`), the calling user's own (`user`), or, for root, that of the user
 * with a uid. Nothing is opened before the first call. `addresses` are where to reach it, the best first; by default those
 * of this machine and this user.
 */
export function createSystemd(scope: 'system' | 'user' | { uid: number }, addresses?: Address[]): ServiceManager {
  const uid = process.getuid?.() ?? 0
  const whose: Scope =
    scope === 'system' ? { kind: 'system' } : { kind: 'user', uid: scope === 'user' ? uid : scope.uid }
  const expected = typeof scope === 'object' ? `/user@${scope.uid}.service` : null
  const connection = new Connection(addresses ?? addressesOf(whose, uid, process.env), expected)
  const stopsAtOnce = new Meeting()
  const restartsAtOnce = new Meeting()
  const socketsFirst = new Meeting()
  const reloads = new Reloads()
  const tool =
    whose.kind === 'system' ? 'systemctl' : `systemctl --user${expected === null ? '' : ` --machine=${whose.uid}@`}`
  const mayControl = scope !== 'system' || uid === 0

  async function describe(name: string): Promise<Service | null> {
    const full = serviceName(name)
    return full === null ? null : await connection.use((bus) => describeService(bus, full, mayControl))
  }

  /** A refusal is an outcome, and one that is not good comes with the journal. */
  async function carryOut<T extends Order>(
    verb: JobVerb,
    asked: T,
    work: (bus: Bus, order: T) => Promise<ServiceOutcome>,
  ): Promise<ServiceOutcome> {
    throwIfCancelled(asked.signal)
    const name = serviceName(asked.name)
    if (name === null) return failed(verb, asked.name, 'there is no such service')
    const order = { ...asked, name }
    const outcome = await connection.use(async (bus) => {
      try {
        return await work(bus, order)
      } catch (error) {
        if (error instanceof Refusal) return refused(verb, name, error)
        throw error
      }
    })
    if (outcome.result === 'done' || outcome.result === 'withdrawn') return outcome
    return { ...outcome, journal: await journalOf(whose, [name, ...order.blamed], order.begun) }
  }

  return {
    name: nameOf(scope),
    ofOtherUser: typeof scope === 'object',
    membershipOf: (controlGroup) => membershipOf(whose, controlGroup),
    describe,
    async stop(name, { timeoutMs, force, signal, hold }) {
      using own = stopsAtOnce.expect()
      const queueing = { own, all: stopsAtOnce }
      const order = { ...orderFor(name, timeoutMs, signal), force, hold, forced: false, queueing }
      return await carryOut('stop', order, stopService)
    },
    async start(name, { timeoutMs, signal, giveBack, wasDown = false, heldOnly = false }) {
      using own = socketsFirst.expect()
      const sockets = { own, all: socketsFirst }
      const order = { ...orderFor(name, timeoutMs, signal), tool, giveBack, wasDown, heldOnly, sockets, reloads }
      return await carryOut('start', order, startService)
    },
    async restart(name, { timeoutMs, signal, processes = [] }) {
      using own = restartsAtOnce.expect()
      const queueing = { own, all: restartsAtOnce }
      const order = {
        ...orderFor(name, timeoutMs, signal),
        tool,
        giveBack: [],
        before: null,
        processes,
        queueing,
        reloads,
      }
      return await carryOut<RestartOrder>('restart', order, restartService)
    },
    close: () => connection.close(),
  }
}

function orderFor(name: string, timeoutMs: number, signal: AbortSignal | undefined): Order {
  return { name, timeoutMs, deadline: performance.now() + timeoutMs, signal, begun: Date.now(), blamed: [] }
}

function nameOf(scope: 'system' | 'user' | { uid: number }): string {
  if (typeof scope === 'object') return `systemd --user (${scope.uid})`
  return scope === 'user' ? 'systemd --user' : 'systemd'
}
