import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { listSessions, openSession, startSession, type AffectedList, type PrimarySession } from '../../src/index.ts'
import { isRunning } from '../../src/linux/process-stat.ts'
import { processManager } from '../../src/processes/index.ts'
import { startApplication, until } from '../support/application.ts'
import { startFixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

describe('what a session stopped or asked to end', () => {
  let folder: Folder
  let session: PrimarySession

  beforeEach(async () => {
    folder = new Folder().holdingSessions()
    session = await startSession()
  })
  afterEach(async () => {
    await session.end().catch(() => undefined)
    folder[Symbol.dispose]()
  })

  const code = (wanted: string) => (error: { code?: string }) => error.code === wanted
  const status = () =>
    JSON.parse(readFileSync(folder.path('status'), 'utf8')) as { pid: number; again: boolean; asked: boolean }
  const startLate = (ms: number) => {
    return startFixture('ends-late', [folder.write('late.dat', ''), folder.path('status'), String(ms)])
  }
  async function endAgain(): Promise<void> {
    const again = processManager.identify(status().pid)
    if (!status().again || !again) return
    processManager.kill(again)
    await processManager.waitForEnd([again], { timeoutMs: 5000 })
  }

  it('comes back also where it ends after the time it was given', async () => {
    await using late = await startLate(1000)
    await session.register({ files: [folder.path('late.dat')] })
    await assert.rejects(session.shutdown({ timeouts: { applicationMs: 100 } }), code('FAIL_SHUTDOWN'))
    assert.ok(isRunning(late.process))
    assert.equal((await session.summary()).state, 'stopped')
    const { applications } = await session.restart()
    assert.deepEqual(
      applications.map(({ outcome }) => outcome),
      ['restarted'],
    )
    await until('it runs again', () => status().again)
    await endAgain()
  })

  it('comes back also where it ends after a cancel', async () => {
    await using late = await startLate(600)
    await session.register({ files: [folder.path('late.dat')] })
    const controller = new AbortController()
    const stopping = session.shutdown({ signal: controller.signal })
    await until('it is asked', () => status().asked)
    controller.abort()
    await assert.rejects(stopping, code('CANCELLED'))
    assert.ok(isRunning(late.process))
    await session.restart()
    await until('it runs again', () => status().again)
    await endAgain()
  })

  it('is not forgotten where who stopped it was killed in the middle', async () => {
    await using late = await startLate(1000)
    const asked = late.process
    await using installer = await startFixture('stops', [folder.path('late.dat')])
    const killed = installer.process
    await until('it is asked', () => status().asked)
    processManager.kill(killed)
    await processManager.waitForEnd([killed, asked], { timeoutMs: 5000 })
    const left = (await listSessions()).filter(({ state }) => state === 'abandoned')
    assert.deepEqual(
      left.map(({ stopped }) => stopped),
      [['ends-late.ts']],
    )
    await using another = await startSession()
    assert.equal((await listSessions()).filter(({ state }) => state === 'abandoned').length, 1, another.role)
  })

  it('stays on record where a session is left without starting it again', async () => {
    await using application = await startApplication(folder, 'one')
    {
      await using left = await startSession()
      await left.register({ files: [application.file] })
      await left.shutdown()
    }
    const [kept] = (await listSessions()).filter(({ stopped }) => stopped.length > 0)
    assert.deepEqual([kept?.state, kept?.stopped], ['stopped', ['application.ts']])
  })

  it('is not lost by an end in the middle', async () => {
    await using stubborn = await startApplication(folder, 'one', 'ignores-sigterm')
    await session.register({ files: [stubborn.file] })
    const controller = new AbortController()
    const stopping = session.shutdown({ signal: controller.signal })
    await until('it is stopping', async () => (await session.summary()).state === 'stopping')
    await using other = await openSession(session.key)
    await assert.rejects(other.end(), code('OUT_OF_SEQUENCE'))
    controller.abort()
    await assert.rejects(stopping, code('CANCELLED'))
  })

  it('is exactly what was confirmed, and nobody who comes later', async () => {
    await using first = await startApplication(folder, 'one')
    const file = first.file
    await session.register({ files: [file] })
    let late: Awaited<ReturnType<typeof startFixture>> | undefined
    const confirmed: number[] = []
    const confirm = async ({ applications }: AffectedList) => {
      confirmed.push(...applications.map((one) => one.process.pid))
      late = await startFixture('opens-a-file', [file])
      return true
    }
    await assert.rejects(session.shutdown({ confirm }), (error: { code: string; message: string }) => {
      return error.code === 'FAIL_SHUTDOWN' && error.message.includes('was started while the others were stopped')
    })
    assert.deepEqual(confirmed, [first.fixture.pid])
    assert.ok(late && isRunning(late.process), 'it was not confirmed, so it was not stopped')
    await until('what was stopped runs again', () => first.facts().again)
    await late.stop()
  })

  it('is nothing where it was not confirmed', async () => {
    await using application = await startApplication(folder, 'one')
    await session.register({ files: [application.file] })
    await assert.rejects(session.shutdown({ confirm: () => false }), code('CANCELLED'))
    assert.ok(isRunning(application.fixture.process))
  })

  it('is started once also where the shutdown was tried twice', async () => {
    await using stubborn = await startApplication(folder, 'one', 'ignores-sigterm')
    await session.register({ files: [stubborn.file] })
    await assert.rejects(session.shutdown({ timeouts: { applicationMs: 100 } }), code('FAIL_SHUTDOWN'))
    await session.shutdown({ force: true, timeouts: { applicationMs: 100 } })
    const { applications } = await session.restart()
    assert.deepEqual(
      applications.map(({ outcome }) => outcome),
      ['restarted'],
    )
    await until('it runs again', () => stubborn.facts().again)
  })

  it('does not come back where it ended by itself while somebody was asked', async () => {
    await using leaving = await startApplication(folder, 'one')
    await session.register({ files: [leaving.file] })
    const confirm = async () => {
      await leaving.fixture.stop()
      return true
    }
    const { applications } = await session.shutdown({ confirm })
    assert.deepEqual(
      applications.map(({ outcome }) => outcome),
      ['stopped-other'],
    )
    assert.deepEqual((await session.restart()).applications, [])
  })
})
