import assert from 'node:assert/strict'
import { isRunning } from '../../src/linux/process-stat.ts'
import {
  RM_APP_STATUS,
  RM_FILTER_ACTION,
  RmAddFilter,
  RmRestart,
  RmShutdown,
  toUniqueProcess,
} from '../../src/rstrtmgr.ts'
import { startApplication, until } from '../support/application.ts'
import type { Case } from './case.ts'
import { entryOf, hexadecimal, startTestSession, wholeList } from './installer.ts'

const { RmStatusRunning, RmStatusStopped, RmStatusRestarted, RmStatusRestartMasked } = RM_APP_STATUS

export const restartCases: Case[] = [
  {
    id: 'C50',
    name: 'RmRestart before RmShutdown',
    expected: '776',
    async run() {
      await using session = await startTestSession()
      const answer = await RmRestart(session.handle, 0)
      assert.equal(answer, 776)
      return String(answer)
    },
  },
  {
    id: 'C51',
    name: 'nothing was stopped',
    expected: '0',
    async run() {
      await using session = await startTestSession()
      const answers = [await RmShutdown(session.handle, 0), await RmRestart(session.handle, 0)]
      assert.deepEqual(answers, [0, 0])
      return `RmShutdown ${answers.join(', RmRestart ')}`
    },
  },
  {
    id: 'C52',
    name: 'a registered application',
    expected: 'started with its arguments within 10 s, status Restarted',
    async run(folder) {
      await using application = await startApplication(folder, 'registered')
      const { process } = application.fixture
      await using session = await startTestSession([application.file])
      const answers = [await RmShutdown(session.handle, 0), await RmRestart(session.handle, 0)]
      assert.deepEqual(answers, [0, 0])
      await until('it runs again', () => application.facts().again)
      assert.notEqual(application.facts().pid, process.pid)
      const { AppStatus } = entryOf(await wholeList(session.handle), process)
      assert.equal(AppStatus, RmStatusRunning | RmStatusStopped | RmStatusRestarted)
      return `${answers.join(', ')}; it runs with its arguments, status ${hexadecimal(AppStatus)}`
    },
  },
  {
    id: 'C53',
    name: 'an application that did not register',
    expected: '0, it is not started',
    async run(folder) {
      await using application = await startApplication(folder, 'unregistered', 'unregistered')
      const { process } = application.fixture
      await using session = await startTestSession([application.file])
      const answers = [await RmShutdown(session.handle, 0), await RmRestart(session.handle, 0)]
      assert.deepEqual(answers, [0, 0])
      const list = await wholeList(session.handle)
      const { AppStatus } = entryOf(list, process)
      assert.equal(AppStatus, RmStatusRunning | RmStatusStopped)
      assert.equal(list.procInfo, 1)
      return `${answers.join(', ')}; not started, status ${hexadecimal(AppStatus)}`
    },
  },
  {
    id: 'C54',
    name: 'a filter NoRestart',
    expected: '0, it is not started, status RestartMasked',
    async run(folder) {
      await using application = await startApplication(folder, 'filtered')
      const { process } = application.fixture
      await using session = await startTestSession([application.file])
      const { RmNoRestart } = RM_FILTER_ACTION
      assert.equal(await RmAddFilter(session.handle, null, toUniqueProcess(process), null, RmNoRestart), 0)
      const answers = [await RmShutdown(session.handle, 0), await RmRestart(session.handle, 0)]
      assert.deepEqual(answers, [0, 0])
      assert.equal(isRunning(process), false)
      const list = await wholeList(session.handle)
      const { AppStatus } = entryOf(list, process)
      assert.equal(AppStatus, RmStatusRunning | RmStatusStopped | RmStatusRestartMasked)
      assert.equal(list.procInfo, 1)
      return `${answers.join(', ')}; not started, status ${hexadecimal(AppStatus)}`
    },
  },
  {
    id: 'C55',
    name: 'RmRestart twice',
    expected: 'not documented',
    async run(folder) {
      await using application = await startApplication(folder, 'once')
      await using session = await startTestSession([application.file])
      assert.equal(await RmShutdown(session.handle, 0), 0)
      const answers = [await RmRestart(session.handle, 0), await RmRestart(session.handle, 0)]
      assert.deepEqual(answers, [0, 0])
      await until('it runs again', () => application.facts().again)
      const list = await wholeList(session.handle)
      const running = list.affectedApps.filter(({ AppStatus }) => AppStatus === RmStatusRunning)
      assert.deepEqual(
        running.map(({ Process }) => Process.dwProcessId),
        [application.facts().pid],
      )
      return `${answers.join(', ')}; started once`
    },
  },
  {
    id: 'C56',
    name: 'an application that has run for less than 60 s',
    expected: 'started all the same (the rule of 60 s is for crashes)',
    async run(folder) {
      const before = performance.now()
      await using application = await startApplication(folder, 'young')
      await using session = await startTestSession([application.file])
      assert.equal(await RmShutdown(session.handle, 0), 0)
      assert.ok(performance.now() - before < 60_000)
      const answer = await RmRestart(session.handle, 0)
      assert.equal(answer, 0)
      await until('it runs again', () => application.facts().again)
      return `${answer}, started`
    },
  },
]
