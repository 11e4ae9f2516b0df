import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FilterAction, FilterTarget } from '../../../src/model/index.ts'
import { describeTarget, filterActionFor } from '../../../src/session/filters.ts'
import { anApplication } from '../../fixtures/store-folder.ts'

const worker = { pid: 2, startTime: 2n }
const application = {
  ...anApplication('x'),
  service: 'x.service',
  processes: [...anApplication('x').processes, worker],
}
const matching: FilterTarget[] = [{ executable: '/usr/bin/x' }, { service: 'x.service' }, { process: worker }]
const others: FilterTarget[] = [
  { executable: '/usr/bin/y' },
  { service: 'y.service' },
  { process: { pid: worker.pid, startTime: 3n } },
]

function actionFor(...filters: [FilterTarget, FilterAction][]): FilterAction | null {
  return filterActionFor(
    application,
    filters.map(([target, action]) => ({ target, action })),
  )
}

describe('A filter', () => {
  for (const target of matching) {
    it(`holds for ${describeTarget(target)}`, () => assert.equal(actionFor([target, 'no-restart']), 'no-restart'))
  }
  for (const target of others) {
    it(`does not hold for ${describeTarget(target)}`, () => assert.equal(actionFor([target, 'no-restart']), null))
  }

  it('that says no-shutdown outweighs others, in whatever order they are', () => {
    const [first, second] = matching as [FilterTarget, FilterTarget]
    assert.equal(actionFor([first, 'no-restart'], [second, 'no-shutdown']), 'no-shutdown')
    assert.equal(actionFor([first, 'no-shutdown'], [second, 'no-restart']), 'no-shutdown')
    assert.equal(actionFor(), null)
  })
})
