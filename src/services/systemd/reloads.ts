import type { Bus } from './bus.ts'
import { ignoringRefusal } from './bus-errors.ts'
import { reload, unitPath, unitProperty } from './manager.ts'

/**
 * Has the manager read the unit files again where somebody has changed them and has not told it (NeedDaemonReload=yes): what
 * is started is what the files say now. Once for all who want that at the same time.
 */
export class Reloads {
  #running: Promise<void> | null = null

  /** Answers when the manager knows these units as their files are now. Where the caller may not, what is loaded has to do. */
  async catchUp(bus: Bus, names: string[]): Promise<void> {
    const old = await Promise.all(names.map((name) => unitProperty(bus, unitPath(name), 'NeedDaemonReload')))
    if (!old.includes(true)) return
    this.#running ??= ignoringRefusal(reload(bus)).finally(() => (this.#running = null))
    await this.#running
  }
}
