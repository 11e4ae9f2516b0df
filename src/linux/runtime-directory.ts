import { existsSync, mkdirSync } from 'node:fs'
import { isAbsolute, join, dirname } from 'node:path'
import { RestartManagerError } from '../errors/index.ts'
import { effectiveUser } from '../linux/users.ts'
import { inspectPrivate } from './private-entry.ts'

const variable = 'RESTART_MANAGER_RUNTIME_DIR'

/**
 * Where the state of this user's sessions lives; nothing is made. `explicit` (the variable RESTART_MANAGER_RUNTIME_DIR)
 * goes before everything; an empty one counts as none. INVALID_ARGUMENT: `explicit` is relative.
 */
export function runtimeDirectory(explicit?: string): string {
  const chosen = explicit ?? process.env[variable]
  if (!chosen) return defaultRuntimeDirectory(effectiveUser(), process.env['XDG_RUNTIME_DIR'])
  if (isAbsolute(chosen)) return chosen
  const name = explicit === undefined ? variable : 'runtimeDirectory'
  throw new RestartManagerError('INVALID_ARGUMENT', `${name} is not an absolute path: ${JSON.stringify(chosen)}`, {
    hint:
      explicit === undefined ? `Set an absolute path or unset it: unset ${variable}` : 'Absolute paths begin with /',
  })
}

/**
 * The directory of a user who has chosen none: /run/restart-manager for root, $XDG_RUNTIME_DIR/restart-manager (where that
 * is absolute, XDG Base Directory Specification), /run/user/UID/restart-manager where the login manager made /run/user/UID,
 * and last /tmp/restart-manager-UID.
 */
export function defaultRuntimeDirectory(user: number, session?: string): string {
  if (user === 0) return '/run/restart-manager'
  if (session && isAbsolute(session)) return join(session, 'restart-manager')
  const login = `/run/user/${user}`
  return existsSync(login) ? join(login, 'restart-manager') : `/tmp/restart-manager-${user}`
}

/** Where another process of any user keeps its state, as far as its environment tells. */
export function runtimeDirectoryOf(environment: Record<string, string>, user: number): string {
  const explicit = environment[variable]
  return explicit && isAbsolute(explicit) ? explicit : defaultRuntimeDirectory(user, environment['XDG_RUNTIME_DIR'])
}

/**
 * Makes the directory, mode 0700, where it is missing (its parent must exist), and checks it in any case: a real
 * directory of the effective user that nobody else may enter. STORE_FAILED where it is not or cannot be made.
 */
export function prepareRuntimeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotMake(path, error)
  }
  const finding = inspectPrivate(path, 'directory')
  if (finding.kind === 'ours') return
  if (finding.kind === 'missing') throw cannotMake(path, undefined)
  throw new RestartManagerError('STORE_FAILED', `Cannot use directory ${path}: ${finding.problem}`, {
    hint: finding.hint,
  })
}

function cannotMake(path: string, cause: unknown): RestartManagerError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'it went away'
  const hint =
    code === 'ENOENT' ? `Make its parent: mkdir -p ${dirname(path)}` : `Choose another directory: ${variable}=DIR`
  return new RestartManagerError('STORE_FAILED', `Cannot make directory ${path}: ${code}`, { hint, cause })
}
