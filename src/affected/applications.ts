import { startedAt } from '../linux/clock.ts'
import type { AffectedApplication, FileUse } from '../model/index.ts'
import type { Restartability } from '../processes/process-manager.ts'
import type { Service } from '../services/service-manager.ts'
import type { Critical } from './critical.ts'
import type { ProcessFacts } from './process-facts.ts'
import { programName } from './program-name.ts'

/** What both kinds of applications are made from. `group`: the processes, the main one first. */
export interface Parts {
  group: ProcessFacts[]
  uses: FileUse[]
  critical: Critical | null
  session: string | null
  userNames: ReadonlyMap<number, string>
}

export function processApplication(
  parts: Parts,
  main: ProcessFacts,
  restartability: Restartability,
): AffectedApplication {
  const { critical } = parts
  const type = critical ? 'critical' : main.stat.terminal === 0 ? 'unknown' : 'console'
  const name = programName(main.executable, main.command, main.stat.name)
  const reason = 'reason' in restartability ? restartability.reason : null
  return {
    ...common(parts, main),
    ...restartable(critical, reason),
    name,
    type,
    service: null,
    serviceManager: null,
    dependents: [],
  }
}

export function serviceApplication(parts: Parts, service: Service, serviceManager: string): AffectedApplication {
  const { critical } = parts
  const main = parts.group.find(({ identity }) => identity.pid === service.mainPid) ?? parts.group[0]
  return {
    ...common(parts, main),
    ...restartable(critical, service.notStartable),
    name: service.name.replace(/\.service$/, ''),
    type: critical ? 'critical' : 'service',
    service: service.name,
    dependents: service.goDownWithIt,
    serviceManager,
  }
}

/** A service may have no process: what it does is done, and it counts as up (RemainAfterExit=). Its pid is 0 then. */
function common({ group, uses, critical, session, userNames }: Parts, main: ProcessFacts | undefined) {
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
    uses,
  }
}

function restartable(critical: Critical | null, reason: string | null) {
  const notRestartable = critical ? 'it must not be stopped' : reason
  return { restartable: notRestartable === null, notRestartable }
}
