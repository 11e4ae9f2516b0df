import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** The names of the users in `/etc/passwd` (passwd(5)), by their numbers; users of a directory service are not there. */
export function readUserNames(): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  let text: string
  try {
    text = readFileSync('/etc/passwd', 'utf8')
  } catch {
    return names
  }
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':')
    if (name && id !== undefined && !names.has(Number(id))) names.set(Number(id), name)
  }
  return names
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
