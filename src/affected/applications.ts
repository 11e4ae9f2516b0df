import { startedAt } from '../linux/clock.ts'
import type { AffectedApplication, ApplicationType, AppliedRule, FileUse } from '../model/index.ts'
import { isDesktopShell } from '../policy/index.ts'
import type { Restartability } from '../processes/process-manager.ts'
import type { Service } from '../services/service-manager.ts'
import type { Critical } from './critical.ts'
import type { ProcessFacts } from './process-facts.ts'
import { programName } from './program-name.ts'
import { isDown } from './services.ts'

/** What both kinds of applications are made from. `group`: the processes, the main one first. */
export interface Parts {
  group: ProcessFacts[]
  uses: FileUse[]
  critical: Critical | null
  rule: AppliedRule | null
  session: string | null
  userNames: ReadonlyMap<number, string>
}

export function processApplication(
  parts: Parts,
  main: ProcessFacts,
  restartability: Restartability,
): AffectedApplication {
  const name = programName(main.executable, main.command, main.stat.name)
  const reason = 'reason' in restartability ? restartability.reason : null
  return {
    ...common(parts, main),
    ...restartable(parts, reason),
    name,
    type: typeOf(parts, main, main.stat.terminal === 0 ? 'unknown' : 'console'),
    service: null,
    serviceManager: null,
    dependents: [],
    held: [],
  }
}

export function serviceApplication(parts: Parts, service: Service, serviceManager: string): AffectedApplication {
  const main = parts.group.find(({ identity }) => identity.pid === service.mainPid) ?? parts.group[0]
  return {
    ...common(parts, main),
    ...restartable(parts, service.notStartable),
    // What would start it is all there is to stop, and to start again.
    name: isDown(service) ? service.held.join(', ') : service.name.replace(/\.service$/, ''),
    type: typeOf(parts, main, 'service'),
    service: service.name,
    dependents: service.goDownWithIt,
    held: service.held,
    serviceManager,
    ...(isDown(service) && { down: true }),
  }
}

/** A service may have no process: what it does is done, and it counts as up (RemainAfterExit=). Its pid is 0 then. */
function common({ group, uses, critical, rule, session, userNames }: Parts, main: ProcessFacts | undefined) {
  const identity = main?.identity ?? { pid: 0, startTime: 0n }
  const uid = main?.uid ?? 0
  return {
    process: identity,
    processes: [
      ...(main ? [main.identity] : []),
      ...group.filter((facts) => facts !== main).map((facts) => facts.identity),
    ],
    executable: main?.executable ?? null,
    command: main?.command ?? [],
    user: { uid, name: userNames.get(uid) ?? null },
    session,
    startedAt: startedAt(identity.startTime).toISOString(),
    status: ['running' as const],
    critical: critical?.why ?? null,
    rebootReason: critical?.reason ?? null,
    overridable: critical?.overridable ?? false,
    rule,
    uses,
  }
}

/** On Windows, too, a program of another session keeps its type: it is out of reach, not critical. */
function typeOf({ critical }: Parts, main: ProcessFacts | undefined, otherwise: ApplicationType): ApplicationType {
  if (critical && critical.reason !== 'session-mismatch') return 'critical'
  return main && isDesktopShell(main.executable) ? 'explorer' : otherwise
}

/** What a rule keeps running, or down, is freed or brought back by hand. */
function restartable({ critical, rule }: Parts, reason: string | null) {
  const notRestartable = critical ? 'it must not be stopped' : reason
  const leftOut = rule?.action === 'no-shutdown' || rule?.action === 'no-restart'
  const byHand = leftOut || notRestartable !== null ? ('by-hand' as const) : null
  return { restartable: notRestartable === null, notRestartable, cure: critical?.cure ?? byHand }
}
