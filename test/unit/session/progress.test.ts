import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApplicationResult, Progress } from '../../../src/model/index.ts'
import { ProgressReport } from '../../../src/session/progress.ts'
import { anApplication } from '../../fixtures/store-folder.ts'

const result: ApplicationResult = {
  application: anApplication('x'),
  outcome: 'stopped',
  durationMs: 1,
  forced: false,
  error: null,
  journal: [],
}

function percents(total: number, settled: number): number[] {
  const reports: Progress[] = []
  const report = new ProgressReport('shutdown', (progress) => void reports.push(progress))
  report.begin(total)
  for (let count = 0; count < settled; count++) report.settled(result)
  report.end()
  return reports.map(({ percent }) => percent)
}

describe('Progress', () => {
  it('ends with 100, also where there was nothing to do', () => {
    assert.deepEqual(percents(0, 0), [100])
    assert.deepEqual(percents(2, 0), [100])
  })

  it('is below 100 until the end', () => {
    assert.deepEqual(percents(1, 1), [99, 100])
    assert.deepEqual(percents(3, 3), [33, 66, 99, 100])
  })

  it('strictly increases with many applications, and with more than were announced', () => {
    for (const [total, settled] of [
      [1000, 1000],
      [7, 7],
      [2, 9],
    ] as const) {
      const all = percents(total, settled)
      assert.ok(
        all.every((percent, index) => index === 0 || percent > (all[index - 1] ?? 100)),
        all.join(' '),
      )
      assert.equal(all.at(-1), 100)
      assert.equal(all.filter((percent) => percent === 100).length, 1)
    }
  })

  it('says which application and what came of it, but not at the end', () => {
    const reports: Progress[] = []
    const report = new ProgressReport('restart', (progress) => void reports.push(progress))
    report.begin(2)
    report.settled({ ...result, outcome: 'restarted' })
    report.end()
    assert.deepEqual(reports, [
      { percent: 50, phase: 'restart', application: result.application, outcome: 'restarted' },
      { percent: 100, phase: 'restart' },
    ])
  })

  it('keeps the first error of a listener until it is asked for, and goes on reporting', () => {
    let calls = 0
    const report = new ProgressReport('shutdown', () => {
      throw new Error(`call ${++calls}`)
    })
    report.begin(2)
    report.settled(result)
    report.settled(result)
    report.end()
    assert.throws(() => report.throwFailure(), /call 1/)
    assert.equal(calls, 3)
  })

  it('needs no listener', () => {
    const report = new ProgressReport('shutdown', undefined)
    report.begin(1)
    report.settled(result)
    report.end()
    report.throwFailure()
  })
})
