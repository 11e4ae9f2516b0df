import { statSync, writeFileSync } from 'node:fs'
import type { Step } from '../support/holders.ts'
import { heldCases, type Arrangement, type Case, type Hold } from './case.ts'
import { bind } from './mount.ts'
import type { Stage } from './stage.ts'

/** Where a used file can be and what it can be called: each open and mapped. */
export const places: Case[] = [
  ...place('plain', (stage) => ({ registered: stage.file() })),
  ...place('hard link', (stage) => ({ registered: stage.file(), held: stage.hardLink(stage.path('file'), 'link') })),
  ...place('symbolic link', (stage) => ({ held: stage.file(), registered: stage.symbolicLink('file', 'link') })),
  ...place('in a directory reached by a symbolic link', (stage) => {
    stage.directory('directory')
    stage.symbolicLink('directory', 'link')
    return { held: stage.file('directory/file'), registered: stage.path('link/file') }
  }),
  ...replaced('renamed away', (stage, file) => stage.rename(file, stage.path('away'))),
  ...replaced('removed', (stage, file) => stage.remove(file)),
  ...heldCases('Places and names', 'renamed over, one with the old and one with the new', (stage, hold) => {
    const file = stage.file()
    const next = stage.file('next')
    return {
      registered: file,
      before: [{ steps: hold.steps(file), uses: [`${hold.use} replaced`] }],
      change: () => stage.rename(next, file),
      after: [{ steps: hold.steps(file), uses: [hold.use] }],
    }
  }),
  ...heldCases('Places and names', 'renamed over, the old one has another name still', (stage, hold) => {
    const file = stage.file()
    const next = stage.file('next')
    stage.hardLink(file, 'kept')
    return {
      registered: file,
      before: [{ steps: hold.steps(file), uses: [`${hold.use} replaced`] }],
      change: () => stage.rename(next, file),
    }
  }),
  ...heldCases('Places and names', 'a new file with the inode number of the removed one: no use', inodeGivenAgain),
  ...heldCases(
    'Places and names',
    'same inode number on another device: no use',
    (stage, hold) => {
      const file = stage.file()
      const twin = stage.twin(file)
      return {
        registered: file,
        prepare: () => twin?.make(),
        before: twin ? [{ steps: hold.steps(twin.path), uses: [] }] : [],
        impossible: () => (twin && inodeOf(twin.path) === inodeOf(file) ? null : 'there is no second file system'),
      }
    },
    { overlay: false },
  ),
  ...place('bind mount, held by the other path', (stage) => {
    const registered = stage.file()
    const held = stage.file('bound')
    return { registered, held, mounts: true, prepare: () => bind(registered, held) }
  }),
  ...place('bind mount, registered by the other path', (stage) => {
    const held = stage.file()
    const registered = stage.file('bound')
    return { registered, held, mounts: true, prepare: () => bind(held, registered) }
  }),
  ...heldCases('Places and names', 'another file mounted over it, then registered: no use', (stage, hold) => ({
    ...mountedOver(stage, hold, []),
    registeredLate: true,
  })),
  ...heldCases('Places and names', 'registered, then another file mounted over it', (stage, hold) =>
    mountedOver(stage, hold, [`${hold.use} replaced`]),
  ),
  ...heldCases('Places and names', 'in a chroot', (stage, hold) => {
    const root = stage.directory('root')
    return {
      registered: stage.file('root/file'),
      before: [{ asRoot: [['root-in', root]], steps: hold.steps('/file'), uses: [hold.use] }],
    }
  }),
  ...heldCases('Places and names', 'in a mount namespace where the path is another file: no use', (stage, hold) => {
    const file = stage.file()
    const other = stage.file('other')
    return {
      registered: file,
      before: [{ asRoot: inNamespace(other, file), steps: hold.steps(file), uses: [] }],
    }
  }),
  ...heldCases('Places and names', 'in a mount namespace where another path is the file', (stage, hold) => {
    const file = stage.file()
    const other = stage.file('other')
    return {
      registered: file,
      before: [{ asRoot: inNamespace(file, other), steps: hold.steps(other), uses: [hold.use] }],
    }
  }),
  ...heldCases('Places and names', 'in a mount namespace of its own, removed', (stage, hold) => {
    const file = stage.file()
    return {
      registered: file,
      before: [{ asRoot: [['unshare', 'mounts']], steps: hold.steps(file), uses: [`${hold.use} replaced`] }],
      change: () => stage.remove(file),
    }
  }),
  ...heldCases('Places and names', 'in a pid namespace of its own', (stage, hold) => {
    const file = stage.file()
    return {
      registered: file,
      before: [{ asRoot: [['enter-new-pid-namespace']], steps: hold.steps(file), uses: [hold.use] }],
    }
  }),
  ...heldCases('Places and names', 'in a user namespace of its own', (stage, hold) => {
    const file = stage.file()
    const steps: Step[] = [['unshare', 'users'], ...hold.steps(file)]
    return { registered: file, before: [{ steps, uses: [hold.use] }] }
  }),
  ...place('name with a space', (stage) => ({ registered: stage.file('two words') })),
  ...place('name with a newline', (stage) => ({ registered: stage.file('two\nlines') })),
  ...place('name with a backslash', (stage) => ({ registered: stage.file('back\\slash') })),
  ...place('name with \\012 in it, beside the one with a newline', (stage) => {
    stage.file('two\nlines')
    return { registered: stage.file('two\\012lines') }
  }),
  ...heldCases('Places and names', 'name with \\012 in it, the one with a newline is held: no use', (stage, hold) => ({
    registered: stage.file('two\\012lines'),
    before: [{ steps: hold.steps(stage.file('two\nlines')), uses: [] }],
  })),
  ...place('name that ends in " (deleted)"', (stage) => ({ registered: stage.file('file (deleted)') })),
  ...heldCases(
    'Places and names',
    'name that ends in " (deleted)", the other one is held and removed: no use',
    (stage, hold) => {
      const file = stage.file()
      return {
        registered: stage.file('file (deleted)'),
        before: [{ steps: hold.steps(file), uses: [] }],
        change: () => stage.remove(file),
      }
    },
  ),
  ...place('name that is no UTF-8', (stage) => ({ registered: stage.file('\udcff\udcfe f\udce9') })),
  ...heldCases('Places and names', 'process called ") S 1 (" with a newline', (stage, hold) => {
    const file = stage.file()
    return {
      registered: file,
      before: [{ steps: [['name', ') S 1 (\n[x]'], ...hold.steps(file)], uses: [hold.use] }],
    }
  }),
]

/** A use all the same, of a path that is registered and one that the holder has. */
function place(name: string, arrange: (stage: Stage) => Omit<Arrangement, 'before'> & { held?: string }): Case[] {
  return heldCases('Places and names', name, (stage, hold) => {
    const { held, ...rest } = arrange(stage)
    return { ...rest, before: [{ steps: hold.steps(held ?? rest.registered), uses: [hold.use] }] }
  })
}

function replaced(name: string, change: (stage: Stage, file: string) => void): Case[] {
  return heldCases('Places and names', name, (stage, hold) => {
    const file = stage.file()
    return {
      registered: file,
      before: [{ steps: hold.steps(file), uses: [`${hold.use} replaced`] }],
      change: () => change(stage, file),
    }
  })
}

function mountedOver(stage: Stage, hold: Hold, uses: string[]): Arrangement {
  const file = stage.file()
  const other = stage.file('other')
  return {
    registered: file,
    before: [{ steps: hold.steps(file), uses }],
    mounts: true,
    change: () => bind(other, file),
  }
}

/** The file is removed, then others are made until one has its inode number; that one is held. */
function inodeGivenAgain(stage: Stage, hold: Hold): Arrangement {
  const file = stage.file()
  const other = stage.path('other')
  let given = false
  return {
    registered: file,
    change() {
      const inode = inodeOf(file)
      stage.remove(file)
      for (let count = 0; count < 64 && !given; count += 1) {
        if (count > 0) stage.rename(other, stage.path(`other ${count}`))
        writeFileSync(other, 'content\n')
        given = inodeOf(other) === inode
      }
    },
    after: [{ steps: hold.steps(other), uses: [] }],
    impossible: () => (given ? null : 'the file system gives new files other inode numbers'),
  }
}

function inodeOf(path: string): bigint {
  return statSync(path, { bigint: true }).ino
}

/** A mount namespace where `target` is `source`. */
function inNamespace(source: string, target: string): Step[] {
  return [
    ['unshare', 'mounts'],
    ['bind', source, target],
  ]
}
