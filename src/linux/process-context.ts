import { writeFileSync } from 'node:fs'
import { procFailure } from './proc-error.ts'
import { readProcText } from './proc-file.ts'

/** What a process has beside its files, environment and user, and hands on to what it starts. Plain data. */
export interface ProcessContext {
  /** The permissions that new files do not get (umask(2)); null before Linux 4.7, which does not show it. */
  umask: number | null
  /** All 16 of getrlimit(2), by the names that prlimit(1) has for them. */
  limits: Record<string, ResourceLimit>
  /** -20 to 19. */
  niceness: number
  /** -1,000 to 1,000 (proc_pid_oom_score_adj(5)). */
  oomScoreAdjustment: number
  scheduling: Scheduling
  /** The processors it may run on, as taskset(1) takes them: `0-3,8`. */
  processors: string
  /** Its control group in every hierarchy (cgroups(7)). */
  controlGroups: ControlGroup[]
  /** Where its rights end, whatever it executes. */
  bounds: RightsBounds
}

/** Units as in getrlimit(2): bytes, seconds, numbers. Numbers of 64 bits, so text; `unlimited` as well. */
export interface ResourceLimit {
  soft: string
  hard: string
}

export interface Scheduling {
  /** A number of sched_setscheduler(2): 0 is the ordinary one. */
  policy: number
  /** 1 to 99 for real-time policies, else 0. */
  priority: number
}

export interface ControlGroup {
  /** The controllers of a hierarchy of version 1, `name=systemd` among them; empty: version 2. */
  hierarchy: string
  path: string
}

export interface RightsBounds {
  /** The capability bounding set (capabilities(7)), 64 bits in hex. */
  capabilities: string
  /** The ambient set, in the same way: what every program that it executes has (capabilities(7)); empty before Linux 4.3. */
  ambient: string
  /** Programs give it no rights that it does not have (PR_SET_NO_NEW_PRIVS). */
  noNewPrivileges: boolean
  /** How many filters decide which system calls it may make; before Linux 5.9: 1 where there are some. */
  systemCallFilters: number
}

/** Names of prlimit(1) for the rows of `/proc/PID/limits`. */
const limitNames: Record<string, string> = {
  'Max cpu time': 'cpu',
  'Max file size': 'fsize',
  'Max data size': 'data',
  'Max stack size': 'stack',
  'Max core file size': 'core',
  'Max resident set': 'rss',
  'Max processes': 'nproc',
  'Max open files': 'nofile',
  'Max locked memory': 'memlock',
  'Max address space': 'as',
  'Max file locks': 'locks',
  'Max pending signals': 'sigpending',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
}

/** Null where the process has ended or may not be looked at. Throws where this process has run out of descriptors. */
export function readContext(pid: number): ProcessContext | null {
  const read = (name: string) => readProcText(`/proc/${pid}/${name}`, 'latin1')
  try {
    const stat = read('stat')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const status = read('status')
    const umask = line(status, 'Umask')
    return {
      umask: umask === null ? null : Number.parseInt(umask, 8),
      limits: parseLimits(read('limits')),
      niceness: Number(fields[16]),
      oomScoreAdjustment: Number(read('oom_score_adj')),
      scheduling: { policy: Number(fields[38]), priority: Number(fields[37]) },
      processors: line(status, 'Cpus_allowed_list') ?? '',
      controlGroups: parseControlGroups(read('cgroup')),
      bounds: {
        capabilities: line(status, 'CapBnd') ?? '0',
        ambient: line(status, 'CapAmb') ?? '0',
        noNewPrivileges: line(status, 'NoNewPrivs') === '1',
        systemCallFilters: Number(line(status, 'Seccomp_filters') ?? (line(status, 'Seccomp') === '0' ? 0 : 1)),
      },
    }
  } catch (error) {
    if (procFailure(error) === 'ours') throw error
    return null
  }
}

/** Throws the error of write(2): EACCES where it is lowered without CAP_SYS_RESOURCE. */
export function setOomScoreAdjustment(pid: number, value: number): void {
  writeFileSync(`/proc/${pid}/oom_score_adj`, String(value))
}

export function parseLimits(text: string): Record<string, ResourceLimit> {
  const limits: Record<string, ResourceLimit> = {}
  for (const [, row = '', soft = '', hard = ''] of text.matchAll(/^(Max .+?) {2,}(\S+) +(\S+)/gm)) {
    const name = limitNames[row]
    if (name !== undefined) limits[name] = { soft, hard }
  }
  return limits
}

/** Of `/proc/PID/cgroup`; a path may hold colons. */
export function parseControlGroups(text: string): ControlGroup[] {
  return [...text.matchAll(/^\d+:([^:]*):(.*)$/gm)].map(([, hierarchy = '', path = '']) => ({ hierarchy, path }))
}

function line(status: string, name: string): string | null {
  return new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(status)?.[1] ?? null
}
