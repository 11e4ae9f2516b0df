import type { FileMapping } from '../../linux/file-mapping.ts'
import { fileNumber } from '../../linux/file-number.ts'
import { fileInRootOf, mappedPath, type ReachedFile } from '../../linux/mapped-file.ts'
import { readMountsOf } from '../../linux/mounts.ts'
import { readLink } from '../../linux/process-details.ts'
import { magicLink } from '../../linux/process-files.ts'
import { pathBytes, pathFromBytes } from '../../text/index.ts'
import { goneMark, isMapped, matters, mayBeInstalled } from './out-of-date.ts'

/** A path as a process calls it, and what is there now. */
interface Place {
  path: string
  file: ReachedFile | null
}

/** What some processes see alike: the same mounts, the same root directory. */
export class World {
  readonly #root: string
  readonly #isOfOurMounts: boolean
  /** Memory files, shared memory and what drivers map are on devices that are mounted nowhere. */
  readonly #devices: ReadonlySet<number>
  readonly #intact = new Set<string>()

  /** Throws the error of open(2): EACCES, ENOENT. */
  constructor(pid: number, namespace: string | null, root: string | null) {
    this.#root = root ?? '/'
    this.#isOfOurMounts = namespace !== null && namespace === readLink(process.pid, 'ns/mnt')
    const mounts = [...readMountsOf(pid), ...(this.#isOfOurMounts ? readMountsOf(process.pid) : [])]
    const devices = new Set(mounts.map(({ dev }) => dev))
    // The mount that a changed root directory lies on is in no table of those who cannot see where it is.
    const rootDirectory = fileNumber(magicLink(pid, 'root'))
    if (rootDirectory) devices.add(rootDirectory.dev)
    this.#devices = devices
  }

  /**
   * The path of a mapped file that is out of date, as the process calls it; null where it is not. Throws where the mapping
   * has gone or may not be looked at. A library in use is asked about once: where it has two names (hard links) in use and
   * only one of them has been replaced, that may be missed; nobody is accused.
   */
  outdated(pid: number, mapping: FileMapping, isProgram: boolean): string | null {
    if (!this.#devices.has(mapping.dev)) return null
    const key = `${mapping.dev}:${mapping.ino}`
    if (!isProgram && this.#intact.has(key)) return null
    const path = this.#outdatedPath(pid, mapping, isProgram)
    if (path === null) this.#intact.add(key)
    return path
  }

  /**
   * The kernel says that the name has gone by which it was mapped; and neither is that a name that only looks so, nor does
   * the name lead to the file again.
   */
  #outdatedPath(pid: number, mapping: FileMapping, isProgram: boolean): string | null {
    const shown = pathFromBytes(mappedPath(pid, mapping))
    if (!shown.endsWith(goneMark)) return null
    const whole = this.#place(pid, shown)
    if (whole.file && isMapped(pid, mapping, whole.file)) return null
    const { path, file } = this.#place(pid, shown.slice(0, -goneMark.length))
    if (file && isMapped(pid, mapping, file)) return null
    return mayBeInstalled(path) && (file !== null || matters(path, isProgram)) ? path : null
  }

  /**
   * Paths of mappings are those of the reader where it can reach the file, and begin at the root of the other mount
   * namespace where it cannot. What a process has mapped and not been able to reach since it changed its root keeps that path.
   */
  #place(pid: number, shown: string): Place {
    const root = this.#root === '/' ? '' : this.#root
    const isInside = shown.startsWith(`${root}/`)
    const path = isInside ? shown.slice(root.length) : shown
    if (!isInside && !this.#isOfOurMounts) return { path, file: null }
    return { path, file: fileInRootOf(isInside ? pid : process.pid, Buffer.from(pathBytes(path))) }
  }
}

/** The worlds by what makes them differ: most machines have one. */
export class Worlds {
  readonly #worlds = new Map<string, World>()

  /** That of a process; `pid` may be the id of a thread. Throws the error of open(2): EACCES, ENOENT. */
  of(pid: number): World {
    const namespace = readLink(pid, 'ns/mnt')
    const root = readLink(pid, 'root')
    const key = `${namespace ?? pid} ${root ?? pid}`
    let world = this.#worlds.get(key)
    if (!world) this.#worlds.set(key, (world = new World(pid, namespace, root)))
    return world
  }
}
