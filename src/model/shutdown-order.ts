import type { AffectedApplication, ApplicationType } from './affected.ts'

/** The classes in the order they are stopped: windows, console, services, desktop shell (Windows: the same); started again in reverse. */
const classes: Record<ApplicationType, number> = {
  'main-window': 0,
  'other-window': 0,
  console: 1,
  unknown: 1,
  critical: 1,
  service: 2,
  explorer: 3,
}

/** The applications class by class, in the order of shutdown. Inside a class there is no order. */
export function inOrderOfShutdown<Item extends { application: AffectedApplication }>(items: Item[]): Item[][] {
  const byClass = Map.groupBy(items, ({ application }) => classes[application.type])
  return [...byClass].sort(([a], [b]) => a - b).map(([, members]) => members)
}
