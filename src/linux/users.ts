import { readFileSync } from 'node:fs'

/** The name of a user in `/etc/passwd` (passwd(5)); null where it is not there (users of a directory service are not). */
export function userName(uid: number): string | null {
  let text: string
  try {
    text = readFileSync('/etc/passwd', 'utf8')
  } catch {
    return null
  }
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':')
    if (name && id !== undefined && Number(id) === uid) return name
  }
  return null
}

/** The effective user of this process. */
export function effectiveUser(): number {
  return process.geteuid?.() ?? -1
}
