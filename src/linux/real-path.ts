import { realpathSync } from 'node:fs'

/** The path with all symbolic links followed, as the kernel names what a process runs; null where there is nothing. */
export function realPath(path: string): string | null {
  try {
    return realpathSync.native(path)
  } catch {
    return null
  }
}
