import { realpathSync } from 'node:fs'
import { fileStatus } from './file-number.ts'
import { readMounts, type Mount } from './mounts.ts'

/** File systems that show the kernel's own things, not files somebody installs. */
const pseudo = new Set([
  'autofs',
  'binder',
  'binfmt_misc',
  'bpf',
  'cgroup',
  'cgroup2',
  'configfs',
  'debugfs',
  'devpts',
  'devtmpfs',
  'efivarfs',
  'fusectl',
  'hugetlbfs',
  'mqueue',
  'nfsd',
  'nsfs',
  'pipefs',
  'proc',
  'pstore',
  'resctrl',
  'rpc_pipefs',
  'securityfs',
  'selinuxfs',
  'smackfs',
  'sockfs',
  'sysfs',
  'tracefs',
])

const quick = new Set(['btrfs', 'ext2', 'ext3', 'ext4', 'f2fs', 'tmpfs', 'xfs'])

/** What is mounted beneath one directory; paths are its own, as bytes (strings of latin1), relative to it: `` `/a/b` ``. */
export interface MountsBeneath {
  /** False where the directory belongs to another mount namespace: then this is about others, and says nothing of it. */
  known: boolean
  /** The names in this directory over which something is mounted. */
  pointsIn(path: string): ReadonlySet<string> | undefined
  /** Whether something is mounted beneath this directory. */
  leadsToPoint(path: string): boolean
}

/** The mounts of this process, read once, when the first question comes. */
export class MountTable {
  #read: Mount[] | null = null
  #byDevice: Map<number, Mount> | null = null

  /** Whether files on this device are none that somebody installs: proc, sysfs, cgroup2 and so on. */
  isPseudo(dev: number): boolean {
    return pseudo.has(this.#typeOf(dev) ?? '')
  }

  /** Whether files on this device lie on a disk or in memory, and not behind a network or another program, as far as is known. */
  isQuick(dev: number): boolean {
    const type = this.#typeOf(dev)
    // Subvolumes of btrfs have devices that mountinfo does not know.
    return type === undefined || quick.has(type)
  }

  /** What is mounted beneath the directory `path`. */
  beneath(path: string | Buffer): MountsBeneath {
    const points = new Map<string, Set<string>>()
    const leading = new Set<string>()
    const place = this.#placeOf(path)
    for (const { point } of place === null ? [] : this.#mounts) {
      if (point.startsWith(`${place}/`)) addPoint(point.slice(String(place).length), points, leading)
    }
    return {
      known: place !== null,
      pointsIn: (directory) => points.get(directory),
      leadsToPoint: (directory) => leading.has(directory),
    }
  }

  get #mounts(): Mount[] {
    return (this.#read ??= readMounts())
  }

  #typeOf(dev: number): string | undefined {
    this.#byDevice ??= new Map(this.#mounts.map((mount) => [mount.dev, mount]))
    return this.#byDevice.get(dev)?.type
  }

  /**
   * How mountinfo would call it. A path through another process' root (`/proc/PID/root`) leads to mounts that are none of
   * ours, where the same name from our own root may lead to the same directory (told apart since Linux 5.8).
   */
  #placeOf(path: string | Buffer): string | null {
    const real = realpathSync.native(path, 'buffer')
    const [given, found] = [fileStatus(path), fileStatus(real)]
    if (!given || given.dev !== found?.dev || given.ino !== found.ino || given.mount !== found.mount) return null
    const place = real.toString('latin1')
    return place === '/' ? '' : place
  }
}

function addPoint(point: string, points: Map<string, Set<string>>, leading: Set<string>): void {
  let slash = point.lastIndexOf('/')
  const directory = point.slice(0, slash)
  const names = points.get(directory) ?? new Set()
  points.set(directory, names.add(point.slice(slash + 1)))
  for (; slash >= 0; slash = point.lastIndexOf('/', slash - 1)) {
    leading.add(point.slice(0, slash))
    if (slash === 0) return
  }
}
