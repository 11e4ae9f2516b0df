import assert from 'node:assert/strict'
import { copyFileSync, symlinkSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { joinSession, startSession, type FilterTarget, type PrimarySession } from '../../src/index.ts'
import { processManager } from '../../src/processes/index.ts'
import { restartctl } from '../fixtures/command.ts'
import { startApplication, until, type TestApplication } from '../support/application.ts'
import { startProgram, type Fixture } from '../support/fixture.ts'
import { Folder } from '../support/folder.ts'

describe('filters', () => {
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

  /** A program of its own, which nobody else runs. */
  function program(name: string): { path: string; run: () => Fixture } {
    const path = folder.path(name)
    copyFileSync('/bin/cat', path)
    return { path, run: () => startProgram([path]) }
  }

  async function outcomes(): Promise<Map<number, string>> {
    const { applications } = await session.shutdown()
    return new Map(applications.map(({ application, outcome }) => [application.process.pid, outcome]))
  }

  describe('that say no-shutdown', () => {
    for (const [what, targetOf] of [
      ['the program', (path: string) => ({ executable: path })],
      ['the program by a link', (path: string) => ({ executable: `${path}.link` })],
      ['the process', (_path: string, { process }: Fixture) => ({ process })],
    ] as [string, (path: string, fixture: Fixture) => FilterTarget][]) {
      it(`leave ${what} running, and only that`, async () => {
        const [spared, other] = [program('spared'), program('other')]
        await using one = spared.run()
        await using two = other.run()
        symlinkSync(spared.path, `${spared.path}.link`)
        await session.register({ files: [spared.path, other.path] })
        await session.filters.add(targetOf(spared.path, one), 'no-shutdown')
        const found = await outcomes()
        assert.deepEqual(
          found,
          new Map([
            [one.pid, 'shutdown-masked'],
            [two.pid, 'stopped'],
          ]),
        )
        assert.equal(processManager.isRunning(one.process), true)
        assert.equal(processManager.identify(two.pid), null)
        const { applications } = await session.list()
        assert.deepEqual(applications.find(({ process }) => process.pid === one.pid)?.status, [
          'running',
          'shutdown-masked',
        ])
      })
    }

    it('leave the other process of the same program alone where one process is named', async () => {
      const { path, run } = program('twice')
      await using one = run()
      await using two = run()
      await session.register({ files: [path] })
      await session.filters.add({ process: one.process }, 'no-shutdown')
      assert.deepEqual(
        await outcomes(),
        new Map([
          [one.pid, 'shutdown-masked'],
          [two.pid, 'stopped'],
        ]),
      )
    })

    it('hold for no process that has the pid of the one they name, but another start time', async () => {
      const { path, run } = program('reused')
      await using one = run()
      await session.register({ files: [path] })
      const { pid, startTime } = one.process
      await session.filters.add({ process: { pid, startTime: startTime - 1n } }, 'no-shutdown')
      assert.deepEqual(await outcomes(), new Map([[pid, 'stopped']]))
    })

    it('hold again no longer when they are removed', async () => {
      const { path, run } = program('freed')
      await using one = run()
      await session.register({ files: [path] })
      await session.filters.add({ executable: path }, 'no-shutdown')
      await session.filters.remove({ executable: path })
      assert.deepEqual(await outcomes(), new Map([[one.pid, 'stopped']]))
    })
  })

  describe('that say no-restart', () => {
    async function restarted(application: TestApplication): Promise<string[]> {
      await session.register({ files: [application.file] })
      await session.shutdown()
      const { applications } = await session.restart()
      return applications.map(({ outcome }) => outcome)
    }

    it('keep down what was stopped', async () => {
      await using application = await startApplication(folder, 'one')
      await session.filters.add({ executable: process.execPath }, 'no-restart')
      assert.deepEqual(await restarted(application), ['restart-masked'])
      assert.equal(application.facts().again, false)
    })

    it('do so also when they come after the shutdown', async () => {
      await using application = await startApplication(folder, 'one')
      await session.register({ files: [application.file] })
      const target = { process: application.fixture.process }
      await session.shutdown()
      await session.filters.add(target, 'no-restart')
      const { applications } = await session.restart()
      assert.deepEqual(
        applications.map(({ outcome }) => outcome),
        ['restart-masked'],
      )
    })

    it('count less than one that says no-shutdown, whichever came first', async () => {
      await using application = await startApplication(folder, 'one')
      const target = { process: application.fixture.process }
      await session.filters.add(target, 'no-shutdown')
      await session.filters.add({ executable: process.execPath }, 'no-restart')
      await session.register({ files: [application.file] })
      assert.deepEqual([...(await outcomes()).values()], ['shutdown-masked'])
      await session.filters.add(target, 'no-restart')
      assert.deepEqual([...(await outcomes()).values()], ['stopped'], 'a later action for the same target replaces it')
    })

    it('let it come back when they are removed', async () => {
      await using application = await startApplication(folder, 'one')
      await session.filters.add({ executable: process.execPath }, 'no-restart')
      await session.filters.remove({ executable: process.execPath })
      assert.deepEqual(await restarted(application), ['restarted'])
      await until('it runs again', () => application.facts().again)
    })
  })

  it('are for the primary alone', async () => {
    const secondary = (await joinSession(session.key)) as unknown as PrimarySession
    await assert.rejects(secondary.filters.add({ service: 'x' }, 'no-restart'), { code: 'NOT_PRIMARY' })
    await secondary.end()
    assert.deepEqual(await session.filters.list(), [])
  })

  it('are set and taken back by restartctl, for each kind of target', async () => {
    const { path, run } = program('cli')
    await using one = run()
    await session.register({ files: [path] })
    const filter = async (...args: string[]) => {
      const { code, stdout, stderr } = await restartctl(['filter', ...args, '--session', session.key])
      assert.equal(code, 0, stderr)
      return stdout
    }
    for (const target of [
      ['--executable', path],
      ['--process', String(one.pid)],
      ['--service', 'nginx'],
    ]) {
      await filter('add', 'no-shutdown', ...target)
    }
    assert.deepEqual((await filter('list')).trimEnd().split('\n').sort(), [
      `no-shutdown  the process ${one.pid}`,
      `no-shutdown  the program ${path}`,
      'no-shutdown  the service nginx.service',
    ])
    await filter('remove', '--executable', path)
    assert.deepEqual(await outcomes(), new Map([[one.pid, 'shutdown-masked']]), 'its process is still named')
    await filter('remove', '--process', String(one.pid))
    assert.deepEqual(await outcomes(), new Map([[one.pid, 'stopped']]))
  })
})
