import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { RM_APP_TYPE, RM_REBOOT_REASON, RmGetList, RmRegisterResources, toUniqueProcess } from '../../src/rstrtmgr.ts'
import { identifyProcess } from '../../src/processes/index.ts'
import { startFixture } from '../support/fixture.ts'
import type { Case } from './case.ts'
import { entryOf, hexadecimal, startTestSession, wholeList } from './installer.ts'

export const registerCases: Case[] = [
  {
    id: 'C20',
    name: 'nothing to register',
    expected: '0',
    async run() {
      await using session = await startTestSession()
      const answers = [
        await RmRegisterResources(session.handle, null, null, null),
        await RmRegisterResources(session.handle, [], [], []),
      ]
      assert.deepEqual(answers, [0, 0])
      return answers.join(', ')
    },
  },
  {
    id: 'C21',
    name: 'NULL where there should be files',
    expected: '160',
    differs: 'A list knows its length, so null is none; what is no list is refused',
    async run() {
      await using session = await startTestSession()
      const answer = await RmRegisterResources(session.handle, '/a' as never, null, null)
      assert.equal(answer, 160)
      return `a text for a list: ${answer}`
    },
  },
  {
    id: 'C22',
    name: 'an unknown path and an unknown service',
    expected: '0, and nobody is listed',
    async run(folder) {
      await using session = await startTestSession()
      const services = ['restart-manager-has-no-such-service', 'no/name']
      const answer = await RmRegisterResources(session.handle, [folder.path('nothing')], null, services)
      const list = await RmGetList(session.handle, 0)
      assert.equal(list.error, 0)
      assert.deepEqual([answer, list.procInfoNeeded], [0, 0])
      return `${answer}; list ${list.error}, needed ${list.procInfoNeeded}`
    },
  },
  {
    id: 'C23',
    name: 'duplicates',
    expected: 'one entry a process',
    async run(folder) {
      await using holder = await startFixture('opens-a-file', [folder.write('a', '')])
      const file = folder.path('a')
      await using session = await startTestSession([file, file])
      const process = toUniqueProcess(holder.process)
      const answer = await RmRegisterResources(session.handle, [file], [process, process], null)
      const list = await wholeList(session.handle)
      entryOf(list, holder.process)
      assert.deepEqual([answer, list.procInfo], [0, 1])
      return `${answer}; ${list.procInfo} entry`
    },
  },
  {
    id: 'C24',
    name: '2,000 paths, one of them in use',
    expected: 'one entry',
    async run(folder) {
      const paths = Array.from({ length: 2000 }, (_, index) => folder.path(`file-${index}`))
      await using holder = await startFixture('opens-a-file', [folder.write('file-1234', '')])
      assert.equal(readdirSync(folder.root).includes('file-1234'), true)
      await using session = await startTestSession(paths)
      const list = await wholeList(session.handle)
      entryOf(list, holder.process)
      assert.equal(list.procInfo, 1)
      return `${list.procInfo} entry`
    },
  },
  {
    id: 'C25',
    name: 'a pid with another start time',
    expected: 'no entry',
    async run(folder) {
      await using holder = await startFixture('opens-a-file', [folder.write('a', '')])
      const { pid, startTime } = holder.process
      await using session = await startTestSession()
      const stale = [-1n, 1n, 100n].map((ticks) => toUniqueProcess({ pid, startTime: startTime + ticks }))
      const answer = await RmRegisterResources(session.handle, null, stale, null)
      const { procInfo } = await wholeList(session.handle)
      assert.deepEqual([answer, procInfo], [0, 0])
      return `${answer}; no entry`
    },
  },
  {
    id: 'C26',
    name: 'the own process',
    expected: 'listed as critical, reboot reason 0x10',
    async run() {
      await using session = await startTestSession()
      const own = identifyProcess(process.pid)
      assert.equal(await RmRegisterResources(session.handle, null, [toUniqueProcess(own)], null), 0)
      const list = await wholeList(session.handle)
      const { ApplicationType, bRestartable } = entryOf(list, own)
      assert.equal(ApplicationType, RM_APP_TYPE.RmCritical)
      assert.equal(bRestartable, false)
      assert.equal(list.rebootReasons, RM_REBOOT_REASON.RmRebootReasonDetectedSelf)
      return `listed as ${ApplicationType}, reboot reason ${hexadecimal(list.rebootReasons)}`
    },
  },
]
