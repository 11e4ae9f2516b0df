import type { FileMapping } from '../../linux/file-mapping.ts'
import { readMountsOf } from '../../linux/mounts.ts'
import { readLink } from '../../linux/process-details.ts'
import type { UsedFile } from '../findings.ts'
import { outdatedPath } from './out-of-date.ts'

/** What some processes see alike: the same mounts, the same root directory. What holds of a file holds for all of them. */
export class World {
  /** Memory files, shared memory and what drivers map are on devices that are mounted nowhere. */
  readonly #devices: ReadonlySet<number>
  readonly #verdicts = new Map<string, UsedFile | null>()

  constructor(pid: number) {
    this.#devices = new Set(readMountsOf(pid).map(({ dev }) => dev))
  }

  /** The mapped file where it is out of date, else null. Throws where that cannot be told. */
  outdated(pid: number, mapping: FileMapping): UsedFile | null {
    if (!this.#devices.has(mapping.dev)) return null
    const key = `${mapping.dev}:${mapping.ino}`
    let verdict = this.#verdicts.get(key)
    if (verdict === undefined) {
      const path = outdatedPath(pid, mapping)
      verdict = path === null ? null : { path, replaced: true }
      this.#verdicts.set(key, verdict)
    }
    return verdict
  }
}

/** The worlds by what makes them differ: most machines have one. */
export class Worlds {
  readonly #worlds = new Map<string, World>()

  /** That of a process; `pid` may be the id of a thread. Throws the error of open(2): EACCES, ENOENT. */
  of(pid: number): World {
    const key = `${readLink(pid, 'ns/mnt') ?? pid} ${readLink(pid, 'root') ?? pid}`
    let world = this.#worlds.get(key)
    if (!world) this.#worlds.set(key, (world = new World(pid)))
    return world
  }
}
