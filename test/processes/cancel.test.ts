import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  startSession,
  type PrimarySession,
  type Progress,
  type RestartManagerError,
  type RestartOptions,
} from '../../src/index.ts'
import { processManager } from '../../src/processes/index.ts'
import { restartctl } from '../fixtures/command.ts'
import { startApplication, until, type TestApplication } from '../support/application.ts'
import { Folder } from '../support/folder.ts'
import { startTakingPart } from '../support/taking-part.ts'

type Operation = 'shutdown' | 'restart' | 'restartInPlace'
type Options = Pick<RestartOptions, 'signal' | 'onProgress'>

/** Where an operation is when it is cancelled. */
interface Step {
  name: string
  operation: Operation
  /** Whether something is down then. */
  down: boolean
  /** There is somebody who delays this step: does not answer, or does not end. */
  delayedBy?: 'never-answers' | 'ignores-sigterm'
  at: 'begin' | 'confirm' | 'asking' | 'ended' | 'last'
}

const steps: Step[] = [
  { name: 'before the look', operation: 'shutdown', down: false, at: 'begin' },
  { name: 'while somebody is asked to confirm it', operation: 'shutdown', down: false, at: 'confirm' },
  {
    name: 'while applications are asked',
    operation: 'shutdown',
    down: false,
    delayedBy: 'never-answers',
    at: 'asking',
  },
  { name: 'while applications end', operation: 'shutdown', down: true, delayedBy: 'ignores-sigterm', at: 'ended' },
  { name: 'while it is verified', operation: 'shutdown', down: true, at: 'last' },
  { name: 'before anything is started', operation: 'restart', down: true, at: 'begin' },
  { name: 'when everything has been started', operation: 'restart', down: false, at: 'last' },
  { name: 'before the look', operation: 'restartInPlace', down: false, at: 'begin' },
  { name: 'while somebody is asked to confirm it', operation: 'restartInPlace', down: false, at: 'confirm' },
  {
    name: 'while applications end',
    operation: 'restartInPlace',
    down: true,
    delayedBy: 'ignores-sigterm',
    at: 'ended',
  },
  { name: 'when everything has been started', operation: 'restartInPlace', down: false, at: 'last' },
]

const ways: Record<string, (session: PrimarySession, controller: AbortController) => unknown> = {
  'an AbortSignal': (_session, controller) => controller.abort(),
  'another task': (session) => session.cancel(),
  'another process': async ({ key }) => {
    assert.equal((await restartctl(['session', 'cancel', '--session', key])).code, 0)
  },
}

describe('cancelled', () => {
  let folder: Folder
  let session: PrimarySession
  let applications: TestApplication[]

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    session = await startSession()
    applications = [await startApplication(folder, 'one'), await startApplication(folder, 'two')]
  })
  afterEach(async () => {
    await session[Symbol.asyncDispose]()
    for (const one of applications) await one[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  /** How many of each application run: the first one, and the one that a session started. */
  const running = () =>
    applications.map((one) => {
      const { pid, again } = one.facts()
      const first = one.fixture.pid
      const pids = again ? [first, pid] : [first]
      return pids.filter((each) => (each === first ? isUp(one) : processManager.identify(each) !== null)).length
    })
  const started = new Map<number, bigint>()
  const isUp = ({ fixture: { pid } }: TestApplication) => processManager.identify(pid)?.startTime === started.get(pid)

  async function cancelled({ operation, delayedBy, at }: Step, cancel: (controller: AbortController) => unknown) {
    for (const { fixture } of applications) started.set(fixture.pid, fixture.process.startTime)
    await using delaying = delayedBy === 'never-answers' ? await startTakingPart(folder, 'delays', delayedBy) : null
    if (delayedBy === 'ignores-sigterm') {
      const deaf = await startApplication(folder, 'deaf', delayedBy)
      started.set(deaf.fixture.pid, deaf.fixture.process.startTime)
      applications.push(deaf)
    }
    const files = applications.map(({ file }) => file)
    await session.register({ files: delaying ? [...files, delaying.file] : files })
    if (operation === 'restart') await session.shutdown()
    else if (operation === 'restartInPlace') for (const file of files) folder.replace(file, 'new')

    const controller = new AbortController()
    const reports: Progress[] = []
    const options: Options = {
      signal: controller.signal,
      onProgress(progress) {
        reports.push(progress)
        if (at === 'last' && progress.percent === 99) cancel(controller)
      },
    }
    if (at === 'begin') cancel(controller)
    if (at === 'confirm') {
      Object.assign(options, {
        async confirm(_shown: unknown, signal: AbortSignal) {
          const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
          await cancel(controller)
          await aborted
          return true
        },
      })
    }
    const end = session[operation](options).then(
      () => 'done',
      (error: unknown) => (error as RestartManagerError).code,
    )
    if (at === 'asking') await delaying?.notes('asked close-app')
    if (at === 'ended') await until('the others have ended', () => running().join(' ').startsWith('0 0'))
    if (at === 'asking' || at === 'ended') await cancel(controller)
    assert.equal(await end, 'CANCELLED')
    return reports.map(({ percent }) => percent)
  }

  for (const step of steps) {
    for (const [way, cancel] of Object.entries(ways)) {
      // Elsewhere it would be over before the request is seen.
      if (way !== 'an AbortSignal' && (step.at === 'begin' || step.at === 'last')) continue
      it(`${step.operation} ${step.name}, by ${way}: nothing is lost`, async () => {
        const percents = await cancelled(step, (controller) => cancel(session, controller))
        assert.deepEqual(
          percents,
          [...new Set(percents)].sort((a, b) => a - b),
          'strictly increasing',
        )
        assert.equal(percents.filter((percent) => percent === 100).length, 1, 'one last report')
        assert.equal(percents.at(-1), 100)
        assert.equal((await session.summary()).state, step.down ? 'stopped' : 'open')
        if (step.down) await session.restart()
        await until('all run', () => running().every((count) => count === 1))
        assert.equal((await session.summary()).state, 'open')
      })
    }
  }
})
