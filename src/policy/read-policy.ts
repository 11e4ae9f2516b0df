import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, type Stats } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { RestartManagerError } from '../errors/index.ts'
import { parsePolicy } from './parse-policy.ts'
import { policyError } from './policy-error.ts'
import { noPolicy, type Policy } from './policy.ts'

const variable = 'RESTART_MANAGER_POLICY_DIR'
const defaultFolder = '/etc/restart-manager'
/** In bytes. */
const largestFile = 1024 * 1024

export interface ReadOptions {
  environment: NodeJS.ProcessEnv
  /** The effective user. */
  user: number
  realPath: (path: string) => string | null
}

/**
 * Reads `policy.toml`, then `policy.d/*.toml` in the order of their names. Nothing there is no policy. Rejects with
 * POLICY_INVALID where a file cannot be used, or could have been written by somebody who may not decide; INVALID_ARGUMENT
 * where the variable names no absolute path.
 */
export async function readPolicy({ environment, user, realPath }: ReadOptions): Promise<Policy> {
  const { folder, ignored } = chooseFolder(environment[variable] ?? '', user)
  const owners = folder === defaultFolder ? [0] : [0, user]
  const trust = (path: string, stat: Stats) => assertTrusted(path, stat, owners)
  if (!withOpen(folder, (descriptor) => trustFolder(folder, descriptor, trust))) {
    if (folder !== defaultFolder) throw policyError(folder, `${variable} names it, and there is nothing`)
    return { ...noPolicy, ignored }
  }
  const policy: Policy = { files: [], rules: [], ignored }
  for (const file of [join(folder, 'policy.toml'), ...additions(join(folder, 'policy.d'), trust)]) {
    let text = ''
    if (!withOpen(file, (descriptor) => (text = readTrusted(file, descriptor, trust)))) continue
    policy.files.push(file)
    policy.rules.push(...(await parsePolicy(text, { file, realPath })))
  }
  return policy
}

/** Root lets nobody else choose: the variable may come from a user by way of sudo. */
function chooseFolder(chosen: string, user: number): { folder: string; ignored: string | null } {
  if (chosen === '') return { folder: defaultFolder, ignored: null }
  if (!isAbsolute(chosen)) {
    throw new RestartManagerError(
      'INVALID_ARGUMENT',
      `${variable} is not an absolute path: ${JSON.stringify(chosen)}`,
      {
        hint: `Set an absolute path or unset it: unset ${variable}`,
      },
    )
  }
  const owner = lstatSync(chosen, { throwIfNoEntry: false })?.uid
  if (user !== 0 || owner === undefined || owner === 0) return { folder: chosen, ignored: null }
  return { folder: defaultFolder, ignored: `${variable} is ignored: ${chosen} belongs to user ${owner}` }
}

type Trust = (path: string, stat: Stats) => void

/** In the order of the bytes of their names. */
function additions(folder: string, trust: Trust): string[] {
  const found: Buffer[] = []
  withOpen(folder, (descriptor) => {
    trustFolder(folder, descriptor, trust)
    found.push(...readdirSync(folder, { encoding: 'buffer' }))
  })
  return found
    .sort((a, b) => a.compare(b))
    .map((name) => ({ bytes: name, name: name.toString() }))
    .filter(({ name }) => name.endsWith('.toml') && !name.startsWith('.'))
    .map(({ bytes, name }) => {
      if (bytes.equals(Buffer.from(name))) return join(folder, name)
      throw policyError(join(folder, name), 'its name is no UTF-8')
    })
}

function trustFolder(folder: string, descriptor: number, trust: Trust): void {
  const stat = fstatSync(descriptor)
  if (!stat.isDirectory()) throw policyError(folder, 'it is no directory')
  trust(folder, stat)
}

function readTrusted(file: string, descriptor: number, trust: Trust): string {
  const stat = fstatSync(descriptor)
  if (!stat.isFile()) throw policyError(file, 'it is no regular file')
  trust(file, stat)
  if (stat.size > largestFile) throw policyError(file, `it has ${stat.size} bytes; at most ${largestFile} are read`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(descriptor))
  } catch (error) {
    throw policyError(file, 'it is no UTF-8', undefined, error)
  }
}

/** Whoever may write it decides what is stopped. */
function assertTrusted(path: string, { uid, mode }: Stats, owners: number[]): void {
  if (!owners.includes(uid)) {
    const wanted = [...new Set(owners)].join(' or ')
    throw policyError(path, `it belongs to user ${uid}; wanted user ${wanted}`)
  }
  if ((mode & 0o022) !== 0) {
    const shown = (mode & 0o777).toString(8)
    throw policyError(path, `others than its owner may write it (mode ${shown}): chmod go-w ${path}`)
  }
}

/** False where there is nothing; a link to nothing is an error. A FIFO is not waited for. */
function withOpen(path: string, use: (descriptor: number) => void): boolean {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && !lstatSync(path, { throwIfNoEntry: false })) return false
    throw policyError(
      path,
      code === 'ENOENT' ? 'it is a link to nothing' : `it cannot be read (${String(code)})`,
      undefined,
      error,
    )
  }
  try {
    use(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return true
}
