import assert from 'node:assert/strict'
import { isRunning } from '../../src/linux/process-stat.ts'
import { applicationTypes, inOrderOfShutdown } from '../../src/model/index.ts'
import { identifyProcess } from '../../src/processes/index.ts'
import { listSessions } from '../../src/session/index.ts'
import {
  RM_APP_STATUS,
  RM_FILTER_ACTION,
  RM_SHUTDOWN_TYPE,
  RmAddFilter,
  RmCancelCurrentTask,
  RmRegisterResources,
  RmRestart,
  RmShutdown,
  toUniqueProcess,
} from '../../src/rstrtmgr.ts'
import { anApplication } from '../fixtures/store-folder.ts'
import { startApplication, until } from '../support/application.ts'
import { startTakingPart } from '../support/taking-part.ts'
import type { Case } from './case.ts'
import { entryOf, hexadecimal, startTestSession, wholeList } from './installer.ts'

const { RmForceShutdown, RmShutdownOnlyRegistered } = RM_SHUTDOWN_TYPE
const { RmStatusRunning, RmStatusStopped, RmStatusErrorOnStop, RmStatusShutdownMasked } = RM_APP_STATUS

export const shutdownCases: Case[] = [
  {
    id: 'C40',
    name: 'nothing to stop',
    expected: '0',
    async run() {
      await using session = await startTestSession()
      const answer = await RmShutdown(session.handle, 0)
      assert.equal(answer, 0)
      return String(answer)
    },
  },
  {
    id: 'C41',
    name: 'an application that agrees',
    expected: '0, it has ended, status Stopped',
    async run(folder) {
      await using application = await startTakingPart(folder, 'agrees')
      await using session = await startTestSession([application.file])
      const answer = await RmShutdown(session.handle, 0)
      assert.equal(answer, 0)
      assert.equal(isRunning(application.process), false)
      assert.deepEqual(application.log(), ['asked close-app', 'saved'])
      const { AppStatus } = entryOf(await wholeList(session.handle), application.process)
      assert.equal(AppStatus, RmStatusRunning | RmStatusStopped)
      return `${answer}, it has ended, status ${hexadecimal(AppStatus)}`
    },
  },
  {
    id: 'C42',
    name: 'an application that refuses, flags 0',
    expected: '351, it lives, status ErrorOnStop',
    async run(folder) {
      await using application = await startTakingPart(folder, 'refuses', 'refuses')
      await using session = await startTestSession([application.file])
      const answer = await RmShutdown(session.handle, 0)
      assert.equal(answer, 351)
      assert.equal(isRunning(application.process), true)
      await application.notes('stays')
      const { AppStatus } = entryOf(await wholeList(session.handle), application.process)
      assert.equal(AppStatus, RmStatusRunning | RmStatusErrorOnStop)
      return `${answer}, it lives, status ${hexadecimal(AppStatus)}`
    },
  },
  {
    id: 'C43',
    name: 'an application that does not end, forced',
    expected: 'killed after 30 s',
    takesLong: true,
    async run(folder) {
      await using application = await startApplication(folder, 'stubborn', 'ignores-sigterm')
      const { process } = application.fixture
      await using session = await startTestSession([application.file])
      const start = performance.now()
      const answer = await RmShutdown(session.handle, RmForceShutdown)
      const seconds = (performance.now() - start) / 1000
      assert.equal(answer, 0)
      assert.ok(seconds >= 30 && seconds < 45, `${seconds} s`)
      assert.equal(isRunning(process), false)
      return `${answer}, killed after 30 s`
    },
  },
  {
    id: 'C44',
    name: 'an application that does not end, forced, then cancelled',
    expected: '1223, it lives',
    async run(folder) {
      await using application = await startApplication(folder, 'stubborn', 'ignores-sigterm')
      const { process } = application.fixture
      await using session = await startTestSession([application.file])
      const stopping = RmShutdown(session.handle, RmForceShutdown)
      await until('it is being stopped', async () => (await listSessions())[0]?.state === 'stopping')
      const cancelled = await RmCancelCurrentTask(session.handle)
      const answer = await stopping
      assert.deepEqual([cancelled, answer], [0, 1223])
      assert.equal(isRunning(process), true)
      return `RmCancelCurrentTask ${cancelled}, RmShutdown ${answer}, it lives`
    },
  },
  {
    id: 'C45',
    name: 'an application with a filter NoShutdown',
    expected: '0, it lives, status ShutdownMasked',
    async run(folder) {
      await using application = await startApplication(folder, 'spared')
      const { process } = application.fixture
      await using session = await startTestSession([application.file])
      const { RmNoShutdown } = RM_FILTER_ACTION
      assert.equal(await RmAddFilter(session.handle, null, toUniqueProcess(process), null, RmNoShutdown), 0)
      const answer = await RmShutdown(session.handle, 0)
      assert.equal(answer, 0)
      assert.equal(isRunning(process), true)
      const { AppStatus } = entryOf(await wholeList(session.handle), process)
      assert.equal(AppStatus, RmStatusRunning | RmStatusShutdownMasked)
      return `${answer}, it lives, status ${hexadecimal(AppStatus)}`
    },
  },
  {
    id: 'C46',
    name: 'only registered ones, and one is not',
    expected: 'nothing is stopped; which number is not documented',
    async run(folder) {
      await using registered = await startApplication(folder, 'registered')
      await using other = await startApplication(folder, 'unregistered', 'unregistered')
      await using session = await startTestSession([registered.file, other.file])
      const answer = await RmShutdown(session.handle, RmShutdownOnlyRegistered)
      assert.equal(answer, 351)
      for (const one of [registered, other]) assert.equal(isRunning(one.fixture.process), true)
      return `${answer}, both live`
    },
  },
  {
    id: 'C47',
    name: 'a reboot is needed',
    expected: '350, nothing is stopped',
    async run(folder) {
      await using application = await startApplication(folder, 'other')
      await using session = await startTestSession([application.file])
      await RmRegisterResources(session.handle, null, [toUniqueProcess(identifyProcess(process.pid))], null)
      const answer = await RmShutdown(session.handle, RmForceShutdown)
      assert.equal(answer, 350)
      assert.equal(isRunning(application.fixture.process), true)
      return `${answer}, all live`
    },
  },
  {
    id: 'C48',
    name: 'progress',
    expected: 'strictly increasing, at most 100, for RmShutdown and RmRestart',
    async run(folder) {
      await using one = await startApplication(folder, 'one')
      await using two = await startApplication(folder, 'two')
      await using three = await startApplication(folder, 'three')
      await using session = await startTestSession([one.file, two.file, three.file])
      const reports: number[][] = [[], []]
      const answers = [
        await RmShutdown(session.handle, 0, (percent) => reports[0]?.push(percent)),
        await RmRestart(session.handle, 0, (percent) => reports[1]?.push(percent)),
      ]
      assert.deepEqual(answers, [0, 0])
      await until('they run again', () => [one, two, three].every((application) => application.facts().again))
      return reports.map((percents) => percents.join(' ')).join('; ')
    },
  },
  {
    id: 'C49',
    name: 'the order of the classes',
    expected: 'windows, console, services, Explorer',
    differs:
      'Windows and the desktop shell are not told apart yet; what has no terminal goes with the console. That services come last is shown with real ones in test/machine',
    async run() {
      const items = applicationTypes.map((type) => ({ application: { ...anApplication(type), type } }))
      const classes = inOrderOfShutdown(items).map((members) => members.map(({ application }) => application.type))
      const order = classes.map((members) => members.join(' + ')).join(', then ')
      assert.equal(order, 'main-window + other-window, then unknown + console + critical, then service, then explorer')
      return order
    },
  },
]
