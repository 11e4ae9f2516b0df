import { readChildren } from '../linux/process-tree.ts'
import type { AppliedRule, Cure, RebootReason } from '../model/index.ts'
import { criticalProgram, criticalService, type BuiltIn } from '../policy/index.ts'
import type { Service } from '../services/service-manager.ts'
import { cureHere } from './cure.ts'
import type { Installers } from './installers.ts'
import type { ProcessFacts } from './process-facts.ts'

/** Why an application must not be stopped: the reason as the session reports it, and in words. */
export interface Critical {
  reason: RebootReason
  why: string
  cure: Cure
  /** A rule with `ordinary` would allow it. */
  overridable: boolean
}

/** Who asks: the effective user, and the installers. */
export interface Caller {
  uid: number
  installers: Installers
  /** Whether a user is logged in at a graphical screen; null where that cannot be seen. */
  graphicalSession: boolean | null
}

/** A program, or what is stopped together with it. */
export interface Group {
  /** The main one first. */
  group: ProcessFacts[]
  /** The login session of the main one. */
  session: string | null
  rule: AppliedRule | null
}

export function criticalProcesses({ group, session, rule }: Group, caller: Caller): Critical | null {
  for (const facts of group) {
    const critical = neverStopped(facts, session, caller)
    if (critical) return critical
  }
  if (rule?.action === 'critical') return byRule(rule, 'critical-process')
  const listed = group.map((facts) => builtInProgram(facts, { group, session }, caller)).filter((one) => one !== null)
  const kept = listed.find((one) => !one.overridable)
  if (kept) return kept
  if (rule?.action === 'ordinary') return null
  return listed[0] ?? sessionMismatch(session, caller)
}

/** What no rule allows. */
function neverStopped(
  { identity, uid, executable }: ProcessFacts,
  session: string | null,
  { installers, uid: callerUid }: Caller,
): Critical | null {
  if (identity.pid === 1) {
    const systemd = executable?.endsWith('/systemd') === true
    const how = systemd ? '; systemctl daemon-reexec lets it run its new version' : ''
    return final('critical-process', `it is the first process of this machine${how}`, systemd ? 'by-hand' : 'reboot')
  }
  if (installers.needed.has(identity.pid)) {
    const why = 'it is the installer, or the installer was started from it'
    return final('detected-self', why, session === null ? 'by-hand' : 'log-out')
  }
  if (callerUid === 0 || uid === callerUid) return null
  return final('permission-denied', `it runs as user ${uid}, and only root may stop it`, 'by-hand')
}

function builtInProgram(
  facts: ProcessFacts,
  { group, session }: Pick<Group, 'group' | 'session'>,
  { installers }: Caller,
): Critical | null {
  if (isContainer(facts, group)) {
    return overridable('critical-process', { why: 'it is the first process of a container', cure: 'by-hand' })
  }
  const listed = criticalProgram(facts.executable, session !== null)
  if (listed) {
    return ofList('critical-process', listed, { ofInstaller: session !== null && installers.sessions.has(session) })
  }
  if (!isLoginShell(facts)) return null
  return overridable('critical-process', { why: 'it is the shell that somebody is logged in with', cure: 'log-out' })
}

/** A browser puts its own processes into a PID namespace; a container holds others, too. */
function isContainer({ identity, firstOfNamespace }: ProcessFacts, group: ProcessFacts[]): boolean {
  if (!firstOfNamespace || identity.pid === group[0]?.identity.pid) return firstOfNamespace
  const members = new Set(group.map((member) => member.identity.pid))
  return readChildren(identity.pid).some((child) => !members.has(child))
}

/** login(1), sshd(8) and su(1) put a `-` in front of the name (bash(1), INVOCATION). */
function isLoginShell({ command, stat }: ProcessFacts): boolean {
  return command[0]?.startsWith('-') === true && stat.terminal !== 0
}

/**
 * On Windows the Restart Manager reaches no other session. Here everybody reaches their own programs, but only root can put one
 * back into the session that it was in: started again by anybody else it would end with the installer's session.
 */
function sessionMismatch(session: string | null, { uid, installers }: Caller): Critical | null {
  if (uid === 0 || session === null || installers.sessions.has(session)) return null
  const why = `it belongs to login session ${session}, and only root can start it there again`
  return overridable('session-mismatch', { why, cure: 'log-out' })
}

/** `group`: the processes of the service. `manager`: the name of its service manager. */
export function criticalServices(
  service: Service,
  { group, rule, manager }: Pick<Group, 'group' | 'rule'> & { manager: string },
  caller: Caller,
): Critical | null {
  const { needed, above, managers } = caller.installers
  if (group.some(({ identity }) => needed.has(identity.pid))) {
    return final('detected-self', 'the installer runs in it, or was started from it', 'by-hand')
  }
  const ofUser = manager !== 'systemd'
  const listed = criticalService(service.name)
  if (service.notStoppable !== null) {
    const reason = caller.uid === 0 ? 'critical-service' : 'permission-denied'
    const cure = listed?.cure ?? 'soft-reboot'
    return final(reason, service.notStoppable, caller.uid === 0 ? cureHere(cure, ofUser) : 'by-hand')
  }
  if (rule?.action === 'critical') return byRule(rule, 'critical-service')
  if (!listed || (listed.withGraphicalSession && caller.graphicalSession === false)) return null
  const ofInstaller = ofUser ? managers.has(manager) : group.some(({ identity }) => above.has(identity.pid))
  const critical = ofList('critical-service', { ...listed, cure: cureHere(listed.cure, ofUser) }, { ofInstaller })
  return rule?.action === 'ordinary' && critical.overridable ? null : critical
}

/** What a login session lives on is no administrator's to allow where the installer would end with it. */
function ofList(reason: RebootReason, { why, cure }: BuiltIn, { ofInstaller }: { ofInstaller: boolean }): Critical {
  if (!ofInstaller || cure !== 'log-out') return overridable(reason, { why, cure })
  return final(reason, `${why}, and the installer runs in that session`, cure)
}

function byRule({ why, file, line }: AppliedRule, reason: RebootReason): Critical {
  return final(reason, `${why ?? ''} (${file}:${line})`, 'by-hand')
}

function final(reason: RebootReason, why: string, cure: Cure): Critical {
  return { reason, why, cure, overridable: false }
}

function overridable(reason: RebootReason, { why, cure }: BuiltIn): Critical {
  return { reason, why, cure, overridable: true }
}
