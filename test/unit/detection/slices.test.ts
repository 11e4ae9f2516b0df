import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runInSlices } from '../../../src/detection/slices.ts'

function* endless(end: () => void): Generator<void, never> {
  try {
    for (;;) yield
  } finally {
    end()
  }
}

describe('work in slices', () => {
  it('gives the result of the work', async () => {
    function* work(): Generator<void, number> {
      yield
      return 42
    }
    assert.equal(await runInSlices(work()), 42)
  })

  it('lets others have their turn, and can then be cancelled, cleaning up', async () => {
    const controller = new AbortController()
    let cleaned = false
    setImmediate(() => controller.abort(new Error('enough')))
    const work = runInSlices(
      endless(() => (cleaned = true)),
      controller.signal,
    )
    await assert.rejects(work, { code: 'CANCELLED', cause: new Error('enough') })
    assert.ok(cleaned)
  })

  it('does not begin when cancelled before', async () => {
    let steps = 0
    function* work(): Generator<void, void> {
      steps += 1
      yield
    }
    await assert.rejects(runInSlices(work(), AbortSignal.abort()), { code: 'CANCELLED' })
    assert.equal(steps, 0)
  })

  it('rejects with what the work throws', async () => {
    function* work(): Generator<void, number> {
      throw new Error('broken')
    }
    await assert.rejects(runInSlices(work()), { message: 'broken' })
  })
})
