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

  /** Keeps the processor for so many milliseconds, in steps of one. */
  function* busy(milliseconds: number): Generator<void, void> {
    for (let steps = 0; steps < milliseconds; steps += 1) {
      const end = performance.now() + 1
      while (performance.now() < end);
      yield
    }
  }

  /** How often others have their turn while `work` goes on. */
  async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
    let turns = 0
    const count = () => {
      turns += 1
      next = setImmediate(count)
    }
    let next = setImmediate(count)
    await work()
    clearImmediate(next)
    return turns
  }

  it('gives others a turn after each slice, however many work at the same time', async () => {
    const turns = await turnsDuring(() => Promise.all([100, 100, 100, 100].map((ms) => runInSlices(busy(ms)))))
    assert.ok(turns >= 12, `${turns} turns in 400 ms`)
  })

  it('lets nobody wait for its slice until another has ended', async () => {
    const ended: string[] = []
    const run = async (name: string, milliseconds: number) => {
      await runInSlices(busy(milliseconds))
      ended.push(name)
    }
    await Promise.all([run('long', 300), run('short', 30), run('shorter', 1)])
    assert.deepEqual(ended, ['shorter', 'short', 'long'])
  })

  it('counts what is run one after the other as one slice', async () => {
    const turns = await turnsDuring(async () => {
      for (let times = 0; times < 50; times += 1) await runInSlices(busy(4))
    })
    assert.ok(turns >= 5, `${turns} turns in 200 ms`)
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
