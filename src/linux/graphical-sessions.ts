import { readdirSync, readFileSync } from 'node:fs'

/** sd_session_get_type(3); a session of the type `web` (cockpit) has no screen. */
const graphicalTypes = ['x11', 'wayland', 'mir']

/**
 * Whether a user (no greeter) is logged in at a graphical screen; null where that cannot be seen. From the files in which
 * logind keeps its sessions: sd_session_get_type(3) and sd_session_get_class(3) read the same.
 */
export function hasGraphicalSession(folder = '/run/systemd/sessions'): boolean | null {
  try {
    return readdirSync(folder)
      .filter((name) => !name.includes('.'))
      .some((name) => isGraphical(readSession(`${folder}/${name}`)))
  } catch {
    return null
  }
}

/** Nothing where the session has ended meanwhile. */
function readSession(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function isGraphical(text: string): boolean {
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? ''
  return graphicalTypes.includes(value('TYPE')) && value('CLASS').startsWith('user')
}
