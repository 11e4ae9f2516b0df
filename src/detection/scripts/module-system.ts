import type { NamedFile } from '../../linux/named-files.ts'

/** How the programs of one language are put together from files. A reference is what stands in a source: a name or a path. */
export interface ModuleSystem {
  /** So many bytes of the start of a file say what it loads; null: all of it is needed. */
  readonly startOnly: number | null
  /** What the command line and the environment load, beside the script. */
  readonly preloads: readonly string[]
  /** Directories of modules that belong to no program in particular, and load only one another. */
  readonly libraries: readonly string[]
  /** What it runs: the file that its script leads to, the files of its main module. Throws as `Program.find`. */
  main(): NamedFile[]
  /** What a file loads, in the order in which it stands there. Yields at least every few milliseconds. `content` is all of it, or so much of its start. */
  references(content: Buffer, file: NamedFile | null): Generator<void, string[]>
  /** The files that a reference stands for; `from` is null for program text of the command line. */
  resolve(reference: string, from: NamedFile | null): NamedFile[]
}
