import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { identifyProcess } from '../../src/processes/index.ts'
import {
  RM_FILTER_ACTION,
  RM_SHUTDOWN_TYPE,
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
  toUniqueProcess,
  type RmSessionHandle,
} from '../../src/rstrtmgr.ts'
import { startApplication, until } from '../support/application.ts'
import { Folder } from '../support/folder.ts'
import { startTakingPart } from '../support/taking-part.ts'
import { entryOf, startTestSession, wholeList } from './installer.ts'

const { RmShutdownOnlyRegistered } = RM_SHUTDOWN_TYPE

describe('what the functions of Windows answer after one another', () => {
  let folder: Folder

  beforeEach(() => {
    folder = new Folder().holdingSessions()
  })
  afterEach(() => {
    folder[Symbol.dispose]()
  })

  async function joined(key: string): Promise<RmSessionHandle> {
    const result = await RmJoinSession(key)
    assert.equal(result.error, 0)
    return result.sessionHandle
  }

  it('RmRestart: 0 after every RmShutdown that looked, whatever came of it; 776 before', async () => {
    await using refusing = await startTakingPart(folder, 'refusing', 'refuses')
    await using session = await startTestSession([refusing.file])
    const { handle } = session
    assert.deepEqual([await RmShutdown(handle, 2), await RmRestart(handle, 0)], [160, 776])
    assert.deepEqual([await RmShutdown(handle, RmShutdownOnlyRegistered), await RmRestart(handle, 0)], [351, 0])
    assert.deepEqual([await RmShutdown(handle, 0), await RmRestart(handle, 0)], [351, 0])
    await using other = await startTestSession()
    const own = toUniqueProcess(identifyProcess(process.pid))
    assert.equal(await RmRegisterResources(other.handle, null, [own], null), 0)
    assert.deepEqual([await RmShutdown(other.handle, 0), await RmRestart(other.handle, 0)], [350, 0])
  })

  it('RmShutdown, RmRegisterResources and RmRestart, over and over', async () => {
    await using first = await startApplication(folder, 'first')
    await using second = await startApplication(folder, 'second')
    const before = [first.fixture.process, second.fixture.process] as const
    await using session = await startTestSession([first.file])
    const { handle, key } = session
    const secondary = await joined(key)
    assert.deepEqual([await RmShutdown(handle, 0), await RmShutdown(handle, 0)], [0, 0])
    assert.equal(await RmRegisterResources(secondary, [second.file], null, null), 0)
    assert.equal(await RmShutdown(handle, 0), 0)
    assert.equal(entryOf(await wholeList(handle), before[1]).AppStatus, 3)
    assert.deepEqual([await RmRestart(handle, 0), await RmRestart(handle, 0)], [0, 0])
    await until('both run again', () => first.facts().again && second.facts().again)
    const again = identifyProcess(first.facts().pid)
    assert.equal(entryOf(await wholeList(handle), again).AppStatus, 1)
    assert.equal(await RmShutdown(handle, 0), 0)
    assert.equal(entryOf(await wholeList(handle), again).AppStatus, 3)
    assert.equal(entryOf(await wholeList(handle), before[0]).AppStatus, 0xb)
    assert.equal(await RmRestart(handle, 0), 0)
    await until('it runs again', () => first.facts().pid !== again.pid && second.facts().again)
    assert.equal(await RmEndSession(secondary), 0)
  })

  it('a secondary of a session that has ended: 6, and 1219 where it might never have asked', async () => {
    const { handle, key } = await startTestSession()
    const secondary = await joined(key)
    assert.deepEqual(await Promise.all([RmEndSession(handle), RmEndSession(handle)]), [0, 6])
    const { RmNoRestart } = RM_FILTER_ACTION
    const answers = {
      primary: [
        await RmShutdown(secondary, 0),
        await RmRestart(secondary, 0),
        await RmCancelCurrentTask(secondary),
        await RmAddFilter(secondary, '/bin/x', null, null, RmNoRestart),
        await RmRemoveFilter(secondary, '/bin/x', null, null),
        (await RmGetFilterList(secondary, 0)).error,
      ],
      both: [
        await RmRegisterResources(secondary, ['/a'], null, null),
        (await RmGetList(secondary, 0)).error,
        await RmEndSession(secondary),
        await RmEndSession(secondary),
      ],
    }
    assert.deepEqual(answers, { primary: [1219, 1219, 1219, 1219, 1219, 1219], both: [6, 6, 6, 6] })
  })
})
