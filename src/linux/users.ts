import { existsSync, readdirSync, readFileSync } from 'node:fs'

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

/** The users for whom a service manager of their own runs: it keeps its socket in their runtime directory. */
export function loggedInUsers(): number[] {
  const directory = '/run/user'
  if (!existsSync(directory)) return []
  const users = readdirSync(directory).filter((name) => /^\d+$/.test(name) && name !== '0')
  return users.filter((uid) => existsSync(`${directory}/${uid}/systemd/private`)).map(Number)
}
