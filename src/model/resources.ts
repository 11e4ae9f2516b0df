import type { ProcessIdentity } from './process.ts'

/**
 * What an installer is about to touch. Paths are absolute; bytes of them that are no UTF-8 are lone surrogates, U+DC00 plus
 * the byte (PEP 383, surrogateescape). A number among `processes` is a pid, identified when it is registered.
 */
export interface Resources {
  files?: string[]
  directories?: string[]
  processes?: (ProcessIdentity | number)[]
  services?: string[]
}

/** A file as the kernel knows it: `st_dev` and `st_ino`, and where the file system gives one its handle, which tells a reused inode number apart (name_to_handle_at(2)). */
export interface FileIdentity {
  dev: bigint
  ino: bigint
  handle: string | null
}

/** A registered path and the file it named when it was registered; `identity` is null where there was none. */
export interface RegisteredFile {
  path: string
  identity: FileIdentity | null
}

/** A registered directory. */
export interface RegisteredDirectory extends RegisteredFile {
  /** What lay beneath it when it was registered, as `rememberContents` writes it; absent where nothing was there. */
  contents?: Uint8Array
}

/** The resources of a session, those of all its participants together, each once. */
export interface RegisteredResources {
  files: RegisteredFile[]
  directories: RegisteredDirectory[]
  processes: ProcessIdentity[]
  services: string[]
}
