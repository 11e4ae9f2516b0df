/** Where operations that were begun at the same time wait for each other. */
export class Meeting {
  #expected = 0
  #all = Promise.withResolvers<undefined>()

  /** One more is expected, until it arrives; it has to, whatever becomes of it. */
  expect(): Guest {
    this.#expected++
    return new Guest(() => {
      if (--this.#expected > 0) return
      this.#all.resolve(undefined)
      this.#all = Promise.withResolvers()
    })
  }

  /** Resolves when everybody who is expected has arrived. */
  async everybody(): Promise<void> {
    if (this.#expected > 0) await this.#all.promise
  }
}

/** A place at a meeting. */
export interface Place {
  own: Guest
  all: Meeting
}

/** One that is expected; arrives once, at the latest when it is disposed of. */
export class Guest implements Disposable {
  #arrived: (() => void) | null

  constructor(arrived: () => void) {
    this.#arrived = arrived
  }

  arrive(): void {
    this.#arrived?.()
    this.#arrived = null
  }

  [Symbol.dispose](): void {
    this.arrive()
  }
}
