import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { RestartManagerError } from '../errors/index.ts'
import { hasCapability, hiddenProcesses, kernelRelease } from '../linux/capabilities.ts'
import { holdersFailure } from '../linux/bpf/holders.ts'
import { exactFileNumber } from '../linux/file-number.ts'
import { createLeaseProbe } from '../linux/lease.ts'
import { libc, libcFailure } from '../linux/libc.ts'
import { createMappingReader } from '../linux/mapping-reader.ts'
import { runtimeDirectory } from '../linux/runtime-directory.ts'
import { signalThroughPidfd } from '../linux/pidfd.ts'
import { effectiveUser, readUserNames } from '../linux/users.ts'
import { createSystemd } from '../services/index.ts'
import { listSessions } from '../session/index.ts'
import { currentPolicy } from '../session/policy.ts'

/** One thing that this machine offers or does not. */
export interface Check {
  name: string
  /** `missing`: everything works, but slower or with less; `failed`: something does not work at all. */
  state: 'ok' | 'missing' | 'failed'
  /** What is there. */
  found: string
  /** What it costs that it is not there, and what to do; null where it is. */
  cost: string | null
}

/** Looks at everything the Restart Manager stands on. Changes nothing. */
export async function checks(): Promise<Check[]> {
  return [
    ok('Node', process.versions.node),
    ok('kernel', kernelRelease()),
    systemCalls(),
    holders(),
    mappings(),
    leases(),
    signals(),
    privileges(),
    processList(),
    await serviceManager('system'),
    ...(effectiveUser() === 0 ? [] : [await serviceManager('user')]),
    await sessionStore(),
    await policy(),
  ]
}

function systemCalls(): Check {
  if (libc()) return ok('system calls', 'koffi')
  const why = libcFailure() instanceof Error ? (libcFailure() as Error).message.split('\n')[0] : 'not installed'
  return missing(
    'system calls',
    `no koffi: ${String(why)}`,
    'mappings are read as text, and signals go by pid: npm install koffi',
  )
}

function mappings(): Check {
  const { means } = createMappingReader()
  if (means === 'PROCMAP_QUERY') return ok('mappings', 'PROCMAP_QUERY')
  return missing(
    'mappings',
    'text of /proc/PID/maps',
    'looking takes about twice as long; Linux 6.11 and koffi have PROCMAP_QUERY',
  )
}

function holders(): Check {
  const failure = holdersFailure()
  if (!failure) return ok('who uses a file', 'the kernel is asked (BPF iterators)')
  return missing(
    'who uses a file',
    `every process is looked at: ${failure.message}`,
    'that takes about three times as long; the kernel is asked as root on Linux 6.2 or newer, outside containers',
  )
}

/** The program that runs here is a file that is held. */
function leases(): Check {
  const file = exactFileNumber(process.execPath)
  if (file && createLeaseProbe()(process.execPath, file) === 'held') return ok('hidden holders', 'write leases')
  return missing(
    'hidden holders',
    'no write leases on the files of others, or on this file system',
    'files held by something that no process list shows are not named: run it as root, outside containers',
  )
}

function signals(): Check {
  if (signalThroughPidfd(process.pid, 'SIGCONT', () => false) !== null) return ok('signals', 'pidfd')
  return missing(
    'signals',
    'by pid',
    'a gap of microseconds between looking at a process and signalling it; Linux 5.3 and koffi have pidfds',
  )
}

function privileges(): Check {
  if (hasCapability('sysPtrace')) return ok('privileges', 'all processes can be looked at')
  return missing(
    'privileges',
    `user ${effectiveUser()}`,
    'processes of other users cannot be looked at: run it as root',
  )
}

function processList(): Check {
  const hidden = hiddenProcesses()
  if (hidden === null) return ok('process list', 'complete')
  return {
    name: 'process list',
    state: 'failed',
    found: `hidepid=${hidden}`,
    cost: 'processes of other users are not even seen: run it as root',
  }
}

async function serviceManager(scope: 'system' | 'user'): Promise<Check> {
  const manager = createSystemd(scope)
  try {
    await manager.describe('dbus.service')
    return ok(manager.name, 'answers')
  } catch (error) {
    const found = error instanceof RestartManagerError ? error.message : String(error)
    return missing(manager.name, found, 'its services are not seen as services, and are not stopped or started')
  } finally {
    await manager.close()
  }
}

async function sessionStore(): Promise<Check> {
  try {
    const sessions = await listSessions()
    const directory = runtimeDirectory()
    const parent = dirname(directory)
    if (existsSync(directory) || isWritable(parent))
      return ok('session store', `${directory}, sessions: ${sessions.length}`)
    return {
      name: 'session store',
      state: 'failed',
      found: `${directory} cannot be made`,
      cost: `no session can be started: mkdir -p ${parent}`,
    }
  } catch (error) {
    if (!(error instanceof RestartManagerError)) throw error
    return {
      name: 'session store',
      state: 'failed',
      found: error.message,
      cost: error.hint ?? 'no session can be started',
    }
  }
}

async function policy(): Promise<Check> {
  try {
    const { files, rules, ignored } = await currentPolicy()
    const found = files.length === 0 ? 'none: the built-in list' : `${files.join(', ')}, rules: ${rules.length}`
    if (ignored !== null) return missing('policy', found, ignored)
    const known = new Set<string | number>(readUserNames().values())
    const unknown = rules
      .flatMap(({ users }) => users ?? [])
      .filter((one) => typeof one === 'string' && !known.has(one))
    if (unknown.length === 0) return ok('policy', found)
    const cost = 'a rule for them does nothing: mend the names, or write numbers for users of a directory service'
    return missing('policy', `${found}; not in /etc/passwd: ${[...new Set(unknown)].join(', ')}`, cost)
  } catch (error) {
    if (!(error instanceof RestartManagerError)) throw error
    const cost = 'nothing is listed or stopped until it is mended'
    return { name: 'policy', state: 'failed', found: error.message, cost }
  }
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function ok(name: string, found: string): Check {
  return { name, state: 'ok', found, cost: null }
}

function missing(name: string, found: string, cost: string): Check {
  return { name, state: 'missing', found, cost }
}
