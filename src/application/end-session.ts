import { RestartManagerError } from '../errors/index.ts'
import type { EndRequest, EndSession } from '../model/index.ts'
import { listenForInstallers, type Listener } from '../processes/index.ts'

const reason = 'close-app'
const answers: ((request: EndRequest) => unknown)[] = []
const handlers: ((request: EndSession) => unknown)[] = []

/**
 * May this application be ended? Asked before anything is stopped; `false` refuses, and then nothing is stopped unless the
 * installer forces it. An answer has 5 s (`timeouts.queryMs`); none, and an error, count as a refusal. It must not end yet,
 * and is always told what comes of it: `onEndSession`. Each call adds somebody who is asked; one refusal is enough. Only
 * programs are asked: a service is stopped by its service manager. Errors: INVALID_ARGUMENT, STORE_FAILED.
 */
export function onQueryEndSession(answer: (request: EndRequest) => boolean | Promise<boolean>): void {
  add(answers, answer)
}

/**
 * `ending: true`: save, and end; SIGTERM follows where it has not ended soon after the handler has, or in half of the time it
 * has (30 s, `timeouts.applicationMs`). `ending: false`: stay; also where the installer was killed after it had asked. Each
 * call adds a handler. What a handler throws is this application's own unhandled rejection. Errors: INVALID_ARGUMENT,
 * STORE_FAILED.
 */
export function onEndSession(handler: (request: EndSession) => void | Promise<void>): void {
  add(handlers, handler)
}

/** The first one opens the socket. */
function add<Item>(items: Item[], item: Item): void {
  if (typeof item !== 'function') throw new RestartManagerError('INVALID_ARGUMENT', `Not a function: ${String(item)}`)
  if (answers.length === 0 && handlers.length === 0) listenForInstallers(listener)
  items.push(item)
}

class Refusal extends Error {}

const listener: Listener = {
  async query() {
    try {
      await Promise.all(
        answers.map(async (answer) => {
          if ((await answer({ reason })) === false) throw new Refusal()
        }),
      )
      return { agrees: true, why: null }
    } catch (error) {
      return { agrees: false, why: error instanceof Refusal ? null : String(error) }
    }
  },
  async end(ending) {
    await Promise.all(handlers.map(async (handler) => handler({ ending, reason })))
  },
}
