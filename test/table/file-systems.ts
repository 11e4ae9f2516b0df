import { closeSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { command, image, mount, unmount } from './mount.ts'

/** A file with the inode number of another one, on another device. */
export interface Twin {
  path: string
  /** Once mounted. */
  make(): void
}

/** Where cases take place. Files are made at `origin`, then `seal` is called, and then they are at `root`. */
export interface FileSystem {
  name: string
  origin: string
  root: string
  overlay: boolean
  seal(): void
  twin?(path: string): Twin
}

/** A file system that could not be had, and why. */
export interface MissingFileSystem {
  name: string
  reason: string
}

/** The folder as it is: what a user has who may not mount. */
export function plainFileSystem(folder: string, name: string): FileSystem {
  return { name, origin: folder, root: folder, overlay: false, seal: () => undefined }
}

/** All of them, mounted beneath `folder`: for root, in a mount namespace whose end is the end of the mounts. */
export function mountFileSystems(folder: string): { systems: FileSystem[]; missing: MissingFileSystem[] } {
  mount('tmpfs', 'tmpfs', folder, 'mode=755')
  const systems: FileSystem[] = []
  const missing: MissingFileSystem[] = []
  for (const [name, make] of Object.entries(makers)) {
    const own = join(folder, basename(name).replaceAll(/\W+/g, '-'))
    mkdirSync(own)
    try {
      systems.push({ name, ...make(own) })
    } catch (error) {
      missing.push({ name, reason: reasonOf(error) })
    }
  }
  return { systems, missing }
}

const makers: Record<string, (folder: string) => Omit<FileSystem, 'name'>> = {
  ext4,
  tmpfs,
  btrfs,
  'overlayfs, layers on one file system': (folder) => {
    mount('tmpfs', 'tmpfs', join(folder, 'layers'), 'mode=755')
    return overlay(folder, join(folder, 'layers', 'lower'), join(folder, 'layers', 'upper'))
  },
  'overlayfs, layers on two file systems': (folder) => {
    mountExt4(join(folder, 'image'), join(folder, 'below'))
    mount('tmpfs', 'tmpfs', join(folder, 'above'), 'mode=755')
    return overlay(folder, join(folder, 'below', 'lower'), join(folder, 'above', 'upper'))
  },
}

/** The twin is a copy of the whole image. */
function ext4(folder: string): Omit<FileSystem, 'name'> {
  const root = join(folder, 'root')
  const copy = join(folder, 'copy')
  const file = join(folder, 'image')
  mountExt4(file, root)
  return {
    origin: root,
    root,
    overlay: false,
    seal() {
      unmount(root)
      command('cp', '--sparse=always', file, `${file} 2`)
      mount('ext4', file, root, 'loop')
      mount('ext4', `${file} 2`, copy, 'loop')
    },
    twin: (path) => ({ path: path.replace(root, copy), make: () => undefined }),
  }
}

/** Each tmpfs counts its inodes from the beginning, so that another one comes to the same number. */
function tmpfs(folder: string): Omit<FileSystem, 'name'> {
  const root = join(folder, 'root')
  const other = join(folder, 'other')
  mount('tmpfs', 'tmpfs', root, 'mode=755')
  mount('tmpfs', 'tmpfs', other, 'mode=755')
  let twins = 0
  return {
    origin: root,
    root,
    overlay: false,
    seal: () => undefined,
    twin(file) {
      const path = join(other, `twin ${++twins}`)
      return {
        path,
        make() {
          const wanted = statSync(file).ino
          do {
            rmSync(path, { force: true })
            closeSync(openSync(path, 'w'))
          } while (statSync(path).ino < wanted)
        },
      }
    },
  }
}

/** A subvolume; the twin is in a snapshot of it, whose files have the same inode numbers on a device of its own. */
function btrfs(folder: string): Omit<FileSystem, 'name'> {
  const top = join(folder, 'top')
  const root = join(top, 'volume')
  const snapshot = join(top, 'snapshot')
  command('mkfs.btrfs', '--quiet', image(join(folder, 'image'), 160))
  mount('btrfs', join(folder, 'image'), top, 'loop')
  command('btrfs', 'subvolume', 'create', root)
  return {
    origin: root,
    root,
    overlay: false,
    seal: () => command('btrfs', 'subvolume', 'snapshot', root, snapshot),
    twin: (path) => ({ path: path.replace(root, snapshot), make: () => undefined }),
  }
}

function overlay(folder: string, lower: string, upper: string): Omit<FileSystem, 'name'> {
  const root = join(folder, 'merged')
  const work = `${upper} work`
  for (const directory of [lower, upper, work]) mkdirSync(directory)
  return {
    origin: lower,
    root,
    overlay: true,
    seal: () => mount('overlay', 'overlay', root, `lowerdir=${lower},upperdir=${upper},workdir=${work}`),
  }
}

function mountExt4(file: string, point: string): void {
  command('mkfs.ext4', '-q', '-F', image(file, 32))
  mount('ext4', file, point, 'loop')
}

function reasonOf(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: Buffer | null }
  return stderr?.toString().trim().split('\n')[0] ?? message
}
