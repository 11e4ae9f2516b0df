import assert from 'node:assert/strict'
import { chmodSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { readExecutable } from '../../src/linux/process-details.ts'
import { identifyProcess } from '../../src/processes/index.ts'
import {
  RM_REBOOT_REASON,
  RmGetList,
  RmRegisterResources,
  toUniqueProcess,
  type RmGetListResult,
} from '../../src/rstrtmgr.ts'
import { until } from '../support/application.ts'
import { startFixture, startProgram } from '../support/fixture.ts'
import type { Folder } from '../support/folder.ts'
import type { Case } from './case.ts'
import { entryOf, hexadecimal, startTestSession, wholeList } from './installer.ts'

/** `234, needed 1`. */
function described(list: RmGetListResult): string {
  return 'procInfoNeeded' in list ? `${list.error}, needed ${list.procInfoNeeded}` : String(list.error)
}

function copyOfCat(folder: Folder): string {
  const program = folder.path('program')
  copyFileSync('/bin/cat', program)
  chmodSync(program, 0o755)
  return program
}

export const listCases: Case[] = [
  {
    id: 'C30',
    name: 'nobody uses it',
    expected: '0, needed 0',
    async run(folder) {
      await using session = await startTestSession([folder.write('a', '')])
      const list = await RmGetList(session.handle, 0)
      assert.equal(described(list), '0, needed 0')
      return described(list)
    },
  },
  {
    id: 'C31',
    name: 'one holder',
    expected: 'without room 234 and how many; with room 0 and exactly that process',
    async run(folder) {
      await using holder = await startFixture('opens-a-file', [folder.write('a', '')])
      await using session = await startTestSession([folder.path('a')])
      const first = await RmGetList(session.handle, 0)
      assert.equal(described(first), '234, needed 1')
      const second = await RmGetList(session.handle, 1)
      assert.equal(second.error, 0)
      assert.deepEqual(
        second.affectedApps.map(({ Process }) => Process),
        [toUniqueProcess(holder.process)],
      )
      return `${described(first)}; then ${described(second)}, the right process`
    },
  },
  {
    id: 'C32',
    name: 'too little room',
    expected: '234, and the reboot reasons all the same',
    async run(folder) {
      const program = copyOfCat(folder)
      // Another program in a session of its own: nobody could take it for a part of this process.
      await using holder = startProgram(['setsid', program])
      await until('it runs', () => readExecutable(holder.pid) === program)
      await using session = await startTestSession([program])
      await RmRegisterResources(session.handle, null, [toUniqueProcess(identifyProcess(process.pid))], null)
      const list = await RmGetList(session.handle, 1)
      assert.equal(list.error, 234)
      assert.equal(list.rebootReasons, RM_REBOOT_REASON.RmRebootReasonDetectedSelf)
      assert.deepEqual(list.affectedApps, [])
      entryOf(await wholeList(session.handle), holder.process)
      return `${described(list)}, reboot reasons ${hexadecimal(list.rebootReasons)}`
    },
  },
  {
    id: 'C33',
    name: 'somebody comes between two calls',
    expected: '234 again, with more',
    async run(folder) {
      await using first = await startFixture('opens-a-file', [folder.write('a', '')])
      await using session = await startTestSession([folder.path('a')])
      const answers = [described(await RmGetList(session.handle, 0))]
      await using second = await startFixture('opens-a-file', [folder.path('a')])
      answers.push(described(await RmGetList(session.handle, 1)))
      const list = await wholeList(session.handle)
      for (const holder of [first, second]) entryOf(list, holder.process)
      assert.deepEqual(answers, ['234, needed 1', '234, needed 2'])
      return answers.join('; then ')
    },
  },
  {
    id: 'C34',
    name: 'the holder ends by itself',
    expected: 'nobody in a new session',
    async run(folder) {
      const holder = await startFixture('opens-a-file', [folder.write('a', '')])
      await using before = await startTestSession([folder.path('a')])
      entryOf(await wholeList(before.handle), holder.process)
      await holder.stop()
      await using session = await startTestSession([folder.path('a')])
      const list = await RmGetList(session.handle, 0)
      assert.equal(described(list), '0, needed 0')
      return described(list)
    },
  },
  {
    id: 'C35',
    name: 'the program of a process',
    expected: 'listed like an open file',
    async run(folder) {
      const program = copyOfCat(folder)
      await using running = startProgram([program])
      await using session = await startTestSession([program])
      const list = await wholeList(session.handle)
      const { strAppName } = entryOf(list, running.process)
      return `listed, name ${strAppName}`
    },
  },
  {
    id: 'C36',
    name: 'a directory among the files',
    expected: 'RmRegisterResources 0, then RmGetList 5',
    differs:
      'It stands for all beneath it. On Windows one directory makes a session useless, so nobody relies on it, and everybody asks for directories',
    async run(folder) {
      const directory = folder.directory('directory')
      await using holder = await startFixture('opens-a-file', [folder.write(join('directory', 'a'), '')])
      await using session = await startTestSession([folder.write('b', ''), directory])
      const list = await wholeList(session.handle)
      entryOf(list, holder.process)
      assert.equal(list.procInfo, 1)
      return `0; list 0, needed ${list.procInfoNeeded}: who has a file in it open`
    },
  },
  {
    id: 'C37',
    name: 'reboot reasons of what nobody uses',
    expected: '0x0',
    async run(folder) {
      await using session = await startTestSession([folder.write('a', '')])
      const { rebootReasons } = await wholeList(session.handle)
      assert.equal(rebootReasons, RM_REBOOT_REASON.RmRebootReasonNone)
      return hexadecimal(rebootReasons)
    },
  },
]
