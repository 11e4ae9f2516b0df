import type { AppliedRule } from '../model/index.ts'
import { decide, isLiteral, type Policy } from '../policy/index.ts'
import type { ServiceManager } from '../services/service-manager.ts'
import type { ProcessFacts } from './process-facts.ts'
import { findService } from './services.ts'

/** Answers what the policy says of an application. `service`: the name that its manager uses; null for a program. */
export type Rules = (service: string | null, group: ProcessFacts[]) => AppliedRule | null

/**
 * The rules of a policy for the applications of one list. A rule may name a service by an alias, as long as it is no pattern;
 * where the manager cannot be asked it means that very name.
 */
export async function rulesOf(
  policy: Policy,
  context: { serviceManagers: ServiceManager[]; userNames: ReadonlyMap<number, string>; services: string[] },
): Promise<Rules> {
  const aliases = await aliasesOf(policy, context)
  return (service, group) =>
    decide(policy, {
      services: service === null ? [] : [service, ...(aliases.get(service) ?? [])],
      processes: group.map(({ executable, uid }) => ({ executable, uid, user: context.userNames.get(uid) ?? null })),
    })
}

/** The names that rules use, by the names that the managers use; only for those services. */
async function aliasesOf(
  { rules }: Policy,
  { serviceManagers, services }: { serviceManagers: ServiceManager[]; services: string[] },
): Promise<Map<string, string[]>> {
  const named = new Set(rules.flatMap((rule) => rule.services ?? []).map(({ text }) => text))
  const unknown = services.length === 0 ? [] : [...named].filter((name) => isLiteral(name) && !services.includes(name))
  const found = await Promise.all(
    unknown.map(async (alias) => {
      const managed = await findService(serviceManagers, alias).catch(() => null)
      return { alias, name: managed?.service.name ?? alias }
    }),
  )
  const aliases = new Map<string, string[]>()
  for (const { alias, name } of found) aliases.set(name, [...(aliases.get(name) ?? []), alias])
  return aliases
}
