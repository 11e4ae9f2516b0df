import assert from 'node:assert/strict'
import {
  RM_FILTER_ACTION,
  RmAddFilter,
  RmCancelCurrentTask,
  RmEndSession,
  RmGetFilterList,
  RmGetList,
  RmJoinSession,
  RmRegisterResources,
  RmRemoveFilter,
  RmRestart,
  RmShutdown,
  RmStartSession,
  type RmSessionHandle,
} from '../../src/rstrtmgr.ts'
import { startFixture } from '../support/fixture.ts'
import type { Case } from './case.ts'
import { entryOf, startTestSession, wholeList } from './installer.ts'
import { startOtherProcess } from './other-process.ts'

const { RmNoRestart, RmNoShutdown } = RM_FILTER_ACTION
const unknownHandle = 99 as RmSessionHandle

async function join(key: string): Promise<RmSessionHandle> {
  const joined = await RmJoinSession(key)
  assert.equal(joined.error, 0)
  return joined.sessionHandle
}

export const sessionCases: Case[] = [
  {
    id: 'C1',
    name: 'start',
    expected: '0, a key of 32 hexadecimal digits, any handle, 0 among them',
    async run() {
      const started = await RmStartSession(0)
      assert.equal(started.error, 0)
      const { sessionHandle, sessionKey } = started
      assert.match(sessionKey, /^[0-9a-f]{32}$/)
      assert.equal(await RmEndSession(sessionHandle), 0)
      return `${started.error}, ${sessionKey.length} digits, handle ${sessionHandle}`
    },
  },
  {
    id: 'C2',
    name: 'NULL for a handle or a key',
    expected: '160',
    differs: 'RmStartSession: what it fills in comes back as fields, so nothing can be NULL there',
    async run() {
      const joined = await RmJoinSession(null as never)
      assert.equal(joined.error, 160)
      return `RmJoinSession ${joined.error}`
    },
  },
  {
    id: 'C3',
    name: 'start with flags',
    expected: '160',
    async run() {
      const started = await RmStartSession(1 as never)
      assert.equal(started.error, 160)
      return String(started.error)
    },
  },
  {
    id: 'C4',
    name: 'end twice',
    expected: '0, then 6',
    async run() {
      const { handle } = await startTestSession()
      const answers = [await RmEndSession(handle), await RmEndSession(handle)]
      assert.deepEqual(answers, [0, 6])
      return answers.join(', then ')
    },
  },
  {
    id: 'C5',
    name: '70 sessions one after the other',
    expected: 'all of them 0',
    async run() {
      const answers = new Set<number>()
      for (let count = 0; count < 70; count++) {
        const { handle } = await startTestSession()
        assert.equal(Number(handle), 0)
        answers.add(await RmEndSession(handle))
      }
      assert.deepEqual([...answers], [0])
      return `all of them ${[...answers].join()}`
    },
  },
  {
    id: 'C6',
    name: 'the 65th session at the same time',
    expected: '353; 0 when one has ended',
    async run() {
      const handles: RmSessionHandle[] = []
      for (let count = 0; count < 64; count++) handles.push((await startTestSession()).handle)
      assert.deepEqual(handles, [...handles.keys()])
      const { error } = await RmStartSession(0)
      assert.equal(error, 353)
      await RmEndSession(handles[7] ?? unknownHandle)
      const next = await RmStartSession(0)
      assert.equal(next.error, 0)
      assert.equal(next.sessionHandle, 7)
      for (const handle of handles) assert.equal(await RmEndSession(handle), 0)
      return `${error}; ${next.error} when one has ended`
    },
  },
  {
    id: 'C7',
    name: 'any call with an unknown handle',
    expected: '6',
    async run() {
      const answers = [
        await RmRegisterResources(unknownHandle, ['/a'], null, null),
        (await RmGetList(unknownHandle, 0)).error,
        await RmShutdown(unknownHandle, 0),
        await RmRestart(unknownHandle, 0),
        await RmCancelCurrentTask(unknownHandle),
        await RmAddFilter(unknownHandle, '/bin/x', null, null, RmNoRestart),
        await RmRemoveFilter(unknownHandle, '/bin/x', null, null),
        (await RmGetFilterList(unknownHandle, 0)).error,
        await RmEndSession(unknownHandle),
      ]
      assert.deepEqual(new Set(answers), new Set([6]))
      return `6 from all ${answers.length}`
    },
  },
  {
    id: 'C8',
    name: 'the owner is killed',
    expected: 'its place is used again',
    async run() {
      await using owner = await startOtherProcess()
      for (let count = 0; count < 64; count++) await owner.call('RmStartSession', 0)
      const { error } = await RmStartSession(0)
      assert.equal(error, 353)
      await owner.kill()
      await using session = await startTestSession()
      assert.equal(Number(session.handle), 0)
      return 'RmStartSession 353 before, 0 after'
    },
  },
  {
    id: 'C9',
    name: 'another process joins with the key and registers',
    expected: "the primary's list has what it registered",
    async run(folder) {
      await using session = await startTestSession()
      await using holder = await startFixture('opens-a-file', [folder.write('a', '')])
      await using other = await startOtherProcess()
      const joined = await other.call<{ error: number; sessionHandle: number }>('RmJoinSession', session.key)
      assert.deepEqual(joined, { error: 0, sessionHandle: 0 })
      const registered = await other.call('RmRegisterResources', 0, [folder.path('a')], null, null)
      const ended = await other.call('RmEndSession', 0)
      assert.deepEqual([registered, ended], [0, 0])
      const list = await wholeList(session.handle)
      entryOf(list, holder.process)
      return `0, 0, 0; the list has ${list.procInfo} entry, the right one`
    },
  },
  {
    id: 'C10',
    name: 'join with an unknown key',
    expected: '1219',
    async run() {
      const { error } = await RmJoinSession('0'.repeat(32))
      assert.equal(error, 1219)
      return String(error)
    },
  },
  {
    id: 'C11',
    name: 'a secondary ends',
    expected: 'the session goes on',
    async run(folder) {
      await using holder = await startFixture('opens-a-file', [folder.write('a', '')])
      await using session = await startTestSession([folder.path('a')])
      const secondary = await join(session.key)
      const answer = await RmEndSession(secondary)
      assert.equal(answer, 0)
      entryOf(await wholeList(session.handle), holder.process)
      return `${answer}; RmGetList of the primary 0`
    },
  },
  {
    id: 'C12',
    name: 'a secondary and filters',
    expected: '1219',
    async run() {
      await using session = await startTestSession()
      const secondary = await join(session.key)
      const answers = [
        await RmAddFilter(secondary, '/bin/x', null, null, RmNoShutdown),
        await RmRemoveFilter(secondary, '/bin/x', null, null),
        (await RmGetFilterList(secondary, 0)).error,
      ]
      await RmEndSession(secondary)
      assert.deepEqual(answers, [1219, 1219, 1219])
      return answers.join(', ')
    },
  },
  {
    id: 'C13',
    name: 'a secondary and RmShutdown, RmRestart, RmCancelCurrentTask',
    expected: 'refused; which number is not documented',
    async run() {
      await using session = await startTestSession()
      const secondary = await join(session.key)
      const answers = [
        await RmShutdown(secondary, 0),
        await RmRestart(secondary, 0),
        await RmCancelCurrentTask(secondary),
      ]
      await RmEndSession(secondary)
      assert.deepEqual(answers, [1219, 1219, 1219])
      return answers.join(', ')
    },
  },
]
