import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { detectUses, type DetectionOptions } from '../../src/detection/index.ts'
import { until } from '../support/application.ts'
import { registered } from '../support/detection.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

/** It has cleaned up and rejected by then: a slice, and what the kernel was just asked for. */
const longestMs = 500

describe('a look that is cancelled', () => {
  for (const means of [undefined, 'processes'] as const) {
    it(`rejects soon, whenever that is, and leaves nothing behind (${means ?? 'by the means of this machine'})`, async () => {
      using folder = new Folder()
      const files = Array.from({ length: 2000 }, (_, index) => registered(folder.write(`file ${index}`, '')))
      const [inFlight] = files
      assert.ok(inFlight)
      // A file that is held is looked at several times, with pauses.
      await using sender = await startFixture('has-a-file-in-flight', [inFlight.path])
      assert.ok(sender.pid)
      const targets = { files, directories: [registered(folder.root)] }
      const options: DetectionOptions = means ? { means } : {}
      await detectUses(targets, options)
      const before = leftovers()
      for (let milliseconds = 0; milliseconds < 400; milliseconds += 1 + milliseconds / 8) {
        const controller = new AbortController()
        const looking = detectUses(targets, { ...options, signal: controller.signal })
        const outcome = looking.then(
          () => 'done',
          (error: unknown) => (error as NodeJS.ErrnoException).code,
        )
        if (milliseconds > 0) await pause(milliseconds)
        controller.abort()
        const start = performance.now()
        const answer = await outcome
        assert.ok(
          answer === 'CANCELLED' || (answer === 'done' && milliseconds > 0),
          `${answer} after ${milliseconds} ms`,
        )
        assert.ok(
          performance.now() - start < longestMs,
          `${performance.now() - start} ms to cancel after ${milliseconds} ms`,
        )
      }
      // What was asked of the system last may not have answered yet.
      await until('nothing waits any more', () => leftovers().waiting.length <= before.waiting.length)
      assert.equal(leftovers().descriptors, before.descriptors)
    })
  }
})

/** What this process has open, and waits for. */
function leftovers() {
  return { descriptors: readdirSync('/proc/self/fd').length, waiting: process.getActiveResourcesInfo() }
}
