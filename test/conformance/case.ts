import type { Folder } from '../support/folder.ts'

/** One case of the specification of the Windows Restart Manager. */
export interface Case {
  /** `C31`. */
  id: string
  name: string
  /** What Windows does, or is expected to. */
  expected: string
  /** Where Linux differs, and why. Absent: it does not. */
  differs?: string
  /** It waits as long as Windows does, half a minute. */
  takesLong?: true
  /** Does it with real processes. Answers what came of it, for the table: the same at every run. Throws where that is wrong. */
  run(folder: Folder): Promise<string>
}
