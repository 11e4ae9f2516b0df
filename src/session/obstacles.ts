import type { AffectedApplication, AffectedList, Cure, Filter } from '../model/index.ts'
import { filterActionFor } from './filters.ts'

/** Why an application is not restarted, for a person, and what frees its files instead. */
export interface Obstacle {
  why: string
  cure: Cure
}

/** Answers for each application of the list what stands against its restart; null where nothing does. */
export function obstaclesIn(list: AffectedList, filters: Filter[]): (one: AffectedApplication) => Obstacle | null {
  const own = (application: AffectedApplication) => ownObstacle(application, filters)
  return (application) => {
    const obstacle = own(application)
    if (obstacle) return obstacle
    for (const one of list.applications) {
      const goesDown = one.service !== null && application.dependents.includes(one.service)
      const theirs = goesDown && one.serviceManager === application.serviceManager ? own(one) : null
      if (theirs) return { ...theirs, why: `${one.name} would be restarted with it: ${theirs.why}` }
    }
    return null
  }
}

function ownObstacle(application: AffectedApplication, filters: Filter[]): Obstacle | null {
  const { critical, notRestartable, cure } = application
  if (critical !== null) return { why: critical, cure: cure ?? 'by-hand' }
  const action = filterActionFor(application, filters)
  if (action !== null) return { why: `${ruleOf(application, action)} says ${action}`, cure: 'by-hand' }
  return notRestartable === null ? null : { why: notRestartable, cure: cure ?? 'by-hand' }
}

function ruleOf({ rule }: AffectedApplication, action: string): string {
  return rule?.action === action ? `${rule.file}:${rule.line}` : 'a filter'
}
