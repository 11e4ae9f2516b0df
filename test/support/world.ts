import { copyFileSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { detectUses, type DetectionOptions } from '../../src/detection/detect-uses.ts'
import type { RegisteredResources } from '../../src/model/index.ts'
import { identifyResources } from '../../src/session/resources.ts'
import { Holders, type Access, type MappingKind } from './holders.ts'

/** What there may be in a world, by name. */
export const directories = ['a', 'b', 'a/in'] as const
export const files = ['a/1', 'a/2', 'b/1', 'b/2', 'a/in/1', 'a/in/2'] as const
export const links = ['a/link', 'b/link'] as const
export const holderNames = ['one', 'two', 'three'] as const
type FileName = (typeof files)[number]
type AnyName = FileName | (typeof links)[number]
type DirectoryName = (typeof directories)[number]
type HolderName = (typeof holderNames)[number]

export type Action =
  | { do: 'make' | 'remove'; file: FileName }
  | { do: 'link' | 'rename'; file: FileName; to: FileName }
  | { do: 'point'; link: (typeof links)[number]; file: FileName }
  | { do: 'register'; file: AnyName }
  | { do: 'register directory'; directory: DirectoryName }
  | { do: 'open'; holder: HolderName; file: AnyName; access: Access }
  | { do: 'map'; holder: HolderName; file: AnyName; kind: MappingKind }
  | { do: 'let go'; holder: HolderName }
  | { do: 'work in'; holder: HolderName; directory: DirectoryName }
  | { do: 'run'; file: AnyName }
  | { do: 'end'; holder: HolderName }

/** One file, whatever its names: it is this object. */
class File {
  /** How many may write it, and how many run it: the kernel has no file that is both (ETXTBSY). */
  writers = 0
  runners = 0
}

interface Held {
  file: File
  as: 'open' | 'mapped'
  writes: boolean
  /** How it is let go. */
  back: ['close', string, Access] | ['unmap', string, MappingKind]
}

/** What the model knows of a process. */
interface Holder {
  pid: number
  held: Held[]
  runs: File | null
  worksIn: DirectoryName | null
}

/**
 * Real files and real processes, and beside them a model of both that knows who uses what because it has done it: it shares
 * nothing with detection. An action that is impossible as things are does nothing.
 */
export class World implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'restart-manager-world-'))
  readonly #keeper = new Holders()
  readonly #files = new Map<FileName, File>()
  readonly #links = new Map<string, FileName>()
  readonly #holders = new Map<string, Holder>()
  /** The file each path named when it was registered. */
  readonly #registered = new Map<AnyName, File | null>()
  /** What lay beneath each directory when it was registered. */
  readonly #registeredDirectories = new Map<DirectoryName, Set<File>>()
  readonly #resources: RegisteredResources = { files: [], directories: [], processes: [], services: [] }
  #programs = 0

  constructor() {
    for (const directory of directories) mkdirSync(this.#path(directory))
  }

  /** Does it with the files, the processes and the model. */
  async perform(action: Action): Promise<void> {
    switch (action.do) {
      case 'make':
        this.#make(action.file)
        return
      case 'remove':
        if (this.#files.delete(action.file)) rmSync(this.#path(action.file))
        return
      case 'link':
        this.#link(action.file, action.to)
        return
      case 'rename':
        this.#rename(action.file, action.to)
        return
      case 'point':
        rmSync(this.#path(action.link), { force: true })
        symlinkSync(this.#path(action.file), this.#path(action.link))
        this.#links.set(action.link, action.file)
        return
      case 'register':
        return this.#register(action.file)
      case 'register directory':
        return this.#registerDirectory(action.directory)
      case 'open': {
        const { holder, file: name, access } = action
        const writes = !['read', 'path'].includes(access)
        const path = this.#path(name)
        return this.#hold(holder, name, writes, 'open', ['open', path, access], ['close', path, access])
      }
      case 'map': {
        const { holder, file: name, kind } = action
        const path = this.#path(name)
        return this.#hold(holder, name, kind === 'shared', 'mapped', ['map', path, kind], ['unmap', path, kind])
      }
      case 'let go':
        return this.#letGo(action.holder)
      case 'work in': {
        const holder = await this.#holder(action.holder)
        await this.#keeper.tell(action.holder, [['work-in', this.#path(action.directory)]])
        holder.worksIn = action.directory
        return
      }
      case 'run':
        return this.#run(action.file)
      case 'end':
        return this.#end(action.holder)
    }
  }

  /** What is right: `one a/1 open replaced`, sorted. */
  expected(): string[] {
    const uses = new Set<string>()
    for (const [name, holder] of this.#holders) {
      for (const [path, then] of this.#registered) {
        const now = this.#named(path)
        for (const { file, as } of usesOf(holder)) {
          if (file === now) uses.add(`${name} ${path} ${as}`)
          else if (file === then) uses.add(`${name} ${path} ${as} replaced`)
        }
      }
      for (const [directory, then] of this.#registeredDirectories) {
        const now = this.#beneath(directory)
        for (const { file, as } of usesOf(holder)) {
          if (now.has(file)) uses.add(`${name} ${directory} ${as}`)
          else if (then.has(file)) uses.add(`${name} ${directory} ${as} replaced`)
        }
        if (holder.worksIn && isIn(holder.worksIn, directory)) uses.add(`${name} ${directory} working-directory`)
      }
    }
    return [...uses].sort()
  }

  /** What detection finds, in the same words; a process that is none of the world's by its pid. */
  async detected(means?: DetectionOptions['means']): Promise<string[]> {
    const names = new Map(Array.from(this.#holders, ([name, { pid }]) => [pid, name]))
    const { uses } = await detectUses(this.#resources, means === undefined ? {} : { means })
    return uses
      .map(({ process, path, as, replaced }) => {
        const name = names.get(process.pid) ?? String(process.pid)
        return `${name} ${path.slice(this.#folder.length + 1)} ${as}${replaced ? ' replaced' : ''}`
      })
      .sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keeper[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true })
  }

  #make(name: FileName): void {
    // As installers do: whoever has the old one keeps it.
    const path = this.#path(name)
    copyFileSync('/bin/cat', `${path}.new`)
    renameSync(`${path}.new`, path)
    this.#files.set(name, new File())
  }

  #link(name: FileName, to: FileName): void {
    const file = this.#files.get(name)
    if (!file || this.#files.has(to)) return
    linkSync(this.#path(name), this.#path(to))
    this.#files.set(to, file)
  }

  #rename(name: FileName, to: FileName): void {
    const file = this.#files.get(name)
    if (!file) return
    renameSync(this.#path(name), this.#path(to))
    // Two names of one file stay as they are (rename(2)).
    if (this.#files.get(to) === file) return
    this.#files.delete(name)
    this.#files.set(to, file)
  }

  async #register(name: AnyName): Promise<void> {
    if (this.#registered.has(name)) return
    const { files: found } = await identifyResources({ files: [this.#path(name)] }, [])
    this.#resources.files.push(...found)
    this.#registered.set(name, this.#named(name))
  }

  async #registerDirectory(name: DirectoryName): Promise<void> {
    if (this.#registeredDirectories.has(name)) return
    const { directories: found } = await identifyResources({ directories: [this.#path(name)] }, [])
    this.#resources.directories.push(...found)
    this.#registeredDirectories.set(name, this.#beneath(name))
  }

  async #hold(
    name: HolderName,
    fileName: AnyName,
    writes: boolean,
    as: Held['as'],
    step: ['open', string, Access] | ['map', string, MappingKind],
    back: Held['back'],
  ): Promise<void> {
    const file = this.#named(fileName)
    if (!file || (writes && file.runners > 0)) return
    const holder = await this.#holder(name)
    if (holder.held.some((held) => held.back.join() === back.join())) return
    await this.#keeper.tell(name, [step])
    holder.held.push({ file, as, writes, back })
    if (writes) file.writers += 1
  }

  async #letGo(name: HolderName): Promise<void> {
    const held = this.#holders.get(name)?.held.shift()
    if (!held) return
    await this.#keeper.tell(name, [held.back])
    if (held.writes) held.file.writers -= 1
  }

  async #run(fileName: AnyName): Promise<void> {
    const file = this.#named(fileName)
    if (!file || file.writers > 0) return
    const name = `program${++this.#programs}`
    const pid = await this.#keeper.tell(name, [['run', this.#path(fileName)]])
    this.#holders.set(name, { pid, held: [], runs: file, worksIn: null })
    file.runners += 1
  }

  async #end(name: HolderName): Promise<void> {
    const holder = this.#holders.get(name)
    if (!holder) return
    await this.#keeper.end(name)
    this.#holders.delete(name)
    for (const { file, writes } of holder.held) if (writes) file.writers -= 1
  }

  async #holder(name: HolderName): Promise<Holder> {
    let holder = this.#holders.get(name)
    if (!holder) {
      holder = { pid: await this.#keeper.tell(name, []), held: [], runs: null, worksIn: null }
      this.#holders.set(name, holder)
    }
    return holder
  }

  #named(name: AnyName): File | null {
    const target = this.#links.get(name) ?? (name as FileName)
    return this.#files.get(target) ?? null
  }

  #beneath(directory: DirectoryName): Set<File> {
    return new Set(Array.from(this.#files).flatMap(([name, file]) => (isIn(name, directory) ? [file] : [])))
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

function* usesOf({ runs, held }: Holder): Generator<{ file: File; as: string }, void> {
  if (runs) yield { file: runs, as: 'executable' }
  yield* held
}

function isIn(name: string, directory: DirectoryName): boolean {
  return name === directory || name.startsWith(`${directory}/`)
}
