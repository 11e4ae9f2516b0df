import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { applicationStatuses, applicationTypes, rebootReasons } from '../../../src/model/index.ts'
import { cut, processInfoOf, rebootReasonsMask } from '../../../src/rstrtmgr/process-info.ts'
import { anApplication } from '../../fixtures/store-folder.ts'

describe('RM_PROCESS_INFO', () => {
  const application = { ...anApplication('editor'), process: { pid: 7, startTime: 100n } }

  it('has the numbers of Windows for every type, status and reason', () => {
    const types = applicationTypes.map((type) => processInfoOf({ ...application, type }).ApplicationType)
    assert.deepEqual(types, [0, 1, 2, 3, 4, 5, 1000])
    const statuses = applicationStatuses.map((one) => processInfoOf({ ...application, status: [one] }).AppStatus)
    assert.deepEqual(statuses, [1, 2, 4, 8, 16, 32, 64, 128])
    assert.deepEqual(
      rebootReasons.map((reason) => rebootReasonsMask([reason])),
      [1, 2, 4, 8, 16],
    )
  })

  it('keeps the whole history in one mask', () => {
    const { AppStatus } = processInfoOf({ ...application, status: ['running', 'stopped', 'restarted'] })
    assert.equal(AppStatus, 0xb)
    assert.equal(rebootReasonsMask([]), 0)
    assert.equal(rebootReasonsMask([...rebootReasons]), 0x1f)
  })

  it('cuts names that are too long, and never through a character', () => {
    const service = { ...application, service: `${'s'.repeat(80)}.service`, name: `${'n'.repeat(254)}😀` }
    const { strAppName, strServiceShortName } = processInfoOf(service)
    assert.equal(strAppName, 'n'.repeat(254))
    assert.equal(strServiceShortName, 's'.repeat(63))
    assert.equal(processInfoOf({ ...application, name: `${'n'.repeat(253)}😀` }).strAppName.length, 255)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, length) => {
        const part = cut(text, length)
        assert.ok(part.length <= length && part.isWellFormed() && text.startsWith(part))
        assert.ok(part.length >= Math.min(text.length, length) - 1)
      }),
    )
  })

  it('names a service as a person would, and a program not at all', () => {
    assert.equal(processInfoOf({ ...application, service: 'web@one.service' }).strServiceShortName, 'web@one')
    assert.equal(processInfoOf(application).strServiceShortName, '')
  })

  it('has a login session where its name is a number and it means something', () => {
    const sessionOf = (change: object) => processInfoOf({ ...application, ...change }).TSSessionId
    assert.equal(sessionOf({ session: '3' }), 3)
    for (const change of [{ session: null }, { session: 'c1' }, { session: '3', type: 'service' }]) {
      assert.equal(sessionOf(change), -1, JSON.stringify(change))
    }
  })

  it('is all zero for the process of a service that has none', () => {
    const { Process } = processInfoOf({ ...application, process: { pid: 0, startTime: 0n } })
    assert.deepEqual(Process, { dwProcessId: 0, ProcessStartTime: { dwLowDateTime: 0, dwHighDateTime: 0 } })
  })
})
