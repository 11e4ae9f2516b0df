import type { AffectedApplication, InPlacePlan, LeftOver, RemainingApplication } from '../../model/index.ts'
import type { Terminal } from '../terminal.ts'
import { cures, showCure } from './cures.ts'
import { count, shown } from './text.ts'

/** What a restart in place is about to do, and what it will leave, for a person. */
export function showPlan({ restart, remaining }: InPlacePlan, terminal: Terminal): string {
  const names = restart.map((one) => shown(`${one.name}${pidOf(one)}`)).join(', ')
  const head = terminal.style('message', 'bold', `To be restarted, ${restart.length}:`)
  return [`${head} ${names}`, ...showLeftOver({ remaining }, terminal)].join('\n')
}

/** Who still uses old versions, by what cures it, one line each with the reason; no lines where there is nobody. */
export function showLeftOver({ remaining }: Pick<LeftOver, 'remaining'>, terminal: Terminal): string[] {
  const lines = cures.flatMap((text) => {
    const some = remaining.filter(({ cure }) => cure === text.cure)
    if (some.length === 0) return []
    return [`  ${terminal.style('message', 'bold', showCure(text))} (${some.length}):`, ...some.map(lineOf)]
  })
  const applications = count(remaining.length, 'application', 'applications')
  const head = terminal.style('message', 'yellow', `Not restarted, and perhaps on old versions still: ${applications}`)
  return lines.length > 0 ? [head, ...lines] : []
}

function lineOf(one: RemainingApplication): string {
  const { name, why, uses } = one
  const [first] = uses
  const using = first ? `, uses ${first.path}` : ''
  return `    ${shown(`${name}${pidOf(one)}${using}: ${why}${byHand(one)}`)}`
}

function pidOf({ process: { pid } }: AffectedApplication): string {
  return pid === 0 ? '' : ` (process ${pid})`
}

/** What to type where the manager of the service would do it. */
function byHand({ cure, service, serviceManager, critical, user }: RemainingApplication): string {
  if (cure !== 'by-hand' || service === null || critical !== null) return ''
  const whose = serviceManager === 'systemd' ? '' : ` --user --machine=${user.uid}@`
  return `; systemctl${whose} restart ${service}`
}
