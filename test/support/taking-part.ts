import { readFileSync } from 'node:fs'
import { processManager } from '../../src/processes/index.ts'
import type { ProcessIdentity } from '../../src/model/index.ts'
import { until } from './application.ts'
import { startFixture, type FixtureOptions } from './fixture.ts'
import type { Folder } from './folder.ts'

/** The fixture `takes-part` with the file it has open. */
export interface TakingPart extends AsyncDisposable {
  readonly process: ProcessIdentity
  readonly file: string
  /** What happened to it, oldest first. */
  log(): string[]
  /** Waits until this has happened to it. */
  notes(word: string): Promise<void>
  stop(): Promise<void>
}

export async function startTakingPart(
  folder: Folder,
  name: string,
  kind = 'agrees',
  options: FixtureOptions = {},
): Promise<TakingPart> {
  const file = folder.write(`${name}.dat`, '')
  const path = folder.write(`${name}.log`, '')
  if (options.user !== undefined) folder.give(path, options.user)
  const fixture = await startFixture('takes-part', [file, path, kind], options)
  const identity = fixture.process
  const log = () => readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return {
    process: identity,
    file,
    log,
    notes: (word) => until(`${name}: ${word}`, () => log().includes(word)),
    stop: () => fixture.stop(),
    async [Symbol.asyncDispose]() {
      await fixture.stop()
      // One that a session started again says so, and who it is.
      const [, pid] = /^again (\d+)$/m.exec(readFileSync(path, 'utf8')) ?? []
      const again = pid === undefined ? null : processManager.identify(Number(pid))
      if (!again) return
      processManager.kill(again)
      await processManager.waitForEnd([again], { timeoutMs: 5000 })
    },
  }
}
