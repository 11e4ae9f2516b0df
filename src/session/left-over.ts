import { applicationKey, type AffectedApplication, type ApplicationResult, type LeftOver } from '../model/index.ts'
import { livesOn } from './lives-on.ts'
import type { Obstacle } from './obstacles.ts'
import type { OutOfDate } from './out-of-date.ts'

/** Who uses old versions still, with the reason and the cure. `rows`: what was restarted, or was meant to be. */
export function leftOver(
  { list, targets }: OutOfDate,
  obstacleOf: (one: AffectedApplication) => Obstacle | null,
  rows: ApplicationResult[],
): LeftOver {
  const results = new Map(rows.map((row) => [applicationKey(row.application), row]))
  const remaining = targets.map((one) => {
    const obstacle = obstacleOf(one) ?? {
      why: whyStill(one, results.get(applicationKey(one))),
      cure: 'by-hand' as const,
    }
    return { ...one, ...obstacle }
  })
  return { remaining, uninspected: list.uninspected }
}

function whyStill({ uses }: AffectedApplication, row: ApplicationResult | undefined): string {
  if (!row) return 'nobody has restarted it'
  return (
    row.error ??
    livesOn(uses, [row]) ??
    (row.outcome === 'restarted' ? 'it was restarted, and uses the old version again' : 'it still runs')
  )
}
