import type { ProcessIdentity } from './process.ts'

/** What an installer is about to touch. Paths are absolute; a number among `processes` is a pid, identified when it is registered. */
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

/** The resources of a session, those of all its participants together, each once. */
export interface RegisteredResources {
  files: RegisteredFile[]
  directories: RegisteredFile[]
  processes: ProcessIdentity[]
  services: string[]
}
