import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { readCommand } from '../../src/linux/process-details.ts'
import { listPids } from '../../src/linux/processes.ts'
import type { ProcessIdentity } from '../../src/model/index.ts'
import { processManager } from '../../src/processes/index.ts'
import { startFixture, type Fixture, type FixtureOptions } from './fixture.ts'
import type { Folder } from './folder.ts'

export interface Facts {
  pid: number
  content: string
  again: boolean
  cwd: string
  marker: string | null
  uid: number
  groups: number[]
}

/** The fixture `application` with the file it holds open and the file it writes its facts to. */
export interface TestApplication extends AsyncDisposable {
  fixture: Fixture
  file: string
  /** What the one that runs now, or ran last, says of itself. */
  facts(): Facts
  /** Ends also the one that a session started again. */
  [Symbol.asyncDispose](): Promise<void>
}

export async function startApplication(
  folder: Folder,
  name: string,
  kind = 'registered',
  options: FixtureOptions = {},
): Promise<TestApplication> {
  const file = folder.write(`${name}.dat`, 'old')
  const status = folder.path(`${name}.json`)
  const fixture = await startFixture('application', [file, status, kind], options)
  const facts = () => JSON.parse(readFileSync(status, 'utf8')) as Facts
  return {
    fixture,
    file,
    facts,
    async [Symbol.asyncDispose]() {
      for (const again of startedAgain(status)) await end(again)
      await fixture.stop()
    },
  }
}

/** By its arguments, which hold a path of the test: it may not have come to write anything yet. */
function startedAgain(status: string): ProcessIdentity[] {
  const pids = listPids().filter((pid) => {
    const command = readCommand(pid)
    return command?.includes(status) === true && command.includes('again')
  })
  return pids.flatMap((pid) => processManager.identify(pid) ?? [])
}

/** Waits until a condition holds; looks every 10 ms, and fails after ten seconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain: ${what}`)
    await delay(10)
  }
}

async function end(process: ProcessIdentity): Promise<void> {
  processManager.kill(process)
  await processManager.waitForEnd([process], { timeoutMs: 5000 })
}
