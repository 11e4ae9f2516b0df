import { after, before, describe, it } from 'node:test'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { bootMachine, machineAvailable, repositoryInside, type Machine } from '../support/machine.ts'
import type { TestLine } from './reporter.ts'

/** Milliseconds of a test inside that are worth telling. */
const slowMs = 1_000
/** Milliseconds that one test inside may take. */
const testMs = 120_000
const unavailable = machineAvailable()

/**
 * Boots a machine, runs these files of `inside/` in it as root, one after the other, and repeats what each test came to as a
 * test of this run. The files inside use the real systemd, directly.
 */
export function runInside(title: string, files: string[]): void {
  describe(title, () => {
    if (unavailable !== null) {
      for (const file of files) it(file, { skip: unavailable })
      return
    }

    let machine: Machine
    before(async () => {
      machine = await bootMachine()
    })
    after(async () => {
      await machine[Symbol.asyncDispose]()
    })

    for (const file of files) {
      it(file, async (context) => {
        const inside = machine.spawn(nodeTest(file), { env: { RESTART_MANAGER_TEST_MACHINE: '1' } })
        inside.stdin.end()
        const ended = once(inside, 'close')
        const messages = text(inside.stderr)
        let [tests, failures] = [0, 0]
        for await (const line of createInterface({ input: inside.stdout })) {
          const { name, result, text: reason, durationMs } = JSON.parse(line) as TestLine
          tests++
          if (result === 'failed') failures++
          await context.test(name.join(' › '), { skip: result === 'skipped' ? reason : false }, (test) => {
            if (durationMs > slowMs) test.diagnostic(`took ${Math.round(durationMs)} ms inside`)
            if (result === 'failed') throw new Error(reason)
          })
        }
        const [status] = (await ended) as [number | null]
        if (tests === 0 || (status !== 0 && failures === 0)) {
          throw new Error(`Ended with ${status ?? 'a signal'} after ${tests} tests:\n${await messages}`)
        }
      })
    }

    function nodeTest(file: string): string[] {
      const folder = join(repositoryInside, 'test/machine')
      const reporter = `--test-reporter=${join(folder, 'reporter.ts')}`
      return [
        machine.nodePath,
        '--test',
        `--test-timeout=${testMs}`,
        reporter,
        '--test-reporter-destination=stdout',
        join(folder, file),
      ]
    }
  })
}
