import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { identifyProcess } from '../../../src/processes/index.ts'
import {
  fileTimeOfTicks,
  ticksOfFileTime,
  toProcessIdentity,
  toUniqueProcess,
} from '../../../src/rstrtmgr/file-time.ts'
import { withCode } from '../../fixtures/store-folder.ts'
import { startFixture } from '../../support/fixture.ts'
import { Folder } from '../../support/folder.ts'

const tick = 100_000n
const second = 10_000_000n
const hour = 3600n * second
/** 2026-01-01 as a FILETIME. */
const boot = 134_116_992_000_000_000n
const hundredYears = 100n * 365n * 24n * 360_000n

describe('start times as FILETIME', () => {
  it('are within a quarter of a second of the ticks, and lead back to them', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, hundredYears),
        fc.bigInt(0n, hundredYears),
        fc.bigInt(-5n * second, 5n * second),
        (ticks, later, shift) => {
          const clock = { boot: boot + shift, now: ticks + later }
          const time = fileTimeOfTicks(ticks, clock)
          const off = time - (clock.boot + ticks * tick)
          assert.ok(off >= -second / 4n && off <= second / 4n, `off by ${off}`)
          assert.equal(ticksOfFileTime(time, clock), ticks)
        },
      ),
    )
  })

  it('differ where the ticks of two processes with one pid differ', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, hundredYears), fc.bigInt(0n, hundredYears), (one, other) => {
        assert.equal(fileTimeOfTicks(one, { boot }) === fileTimeOfTicks(other, { boot }), one === other)
      }),
    )
  })

  it('lead back to them when the clock was set by up to six hours meanwhile', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, hundredYears),
        fc.bigInt(0n, hundredYears),
        fc.bigInt(-6n * hour, 6n * hour),
        (ticks, later, set) => {
          const time = fileTimeOfTicks(ticks, { boot })
          assert.equal(ticksOfFileTime(time, { boot: boot + set, now: ticks + later }), ticks)
        },
      ),
    )
  })

  it('lead back to them however the clock was set, on a machine that is up for less than 13 hours', () => {
    const up = 13n * 360_000n
    fc.assert(
      fc.property(fc.bigInt(0n, up), fc.bigInt(0n, 2n * boot), (ticks, otherBoot) => {
        assert.equal(ticksOfFileTime(fileTimeOfTicks(ticks, { boot }), { boot: otherBoot, now: up }), ticks)
      }),
    )
  })

  it('name a real process, and are its real start within a second', async () => {
    using folder = new Folder()
    const before = Date.now()
    await using fixture = await startFixture('opens-a-file', [folder.write('a', '')])
    const after = Date.now()
    const unique = toUniqueProcess(fixture.process)
    assert.equal(unique.dwProcessId, fixture.pid)
    assert.deepEqual(toProcessIdentity(unique), fixture.process)
    const { dwLowDateTime, dwHighDateTime } = unique.ProcessStartTime
    const started = Number(((BigInt(dwHighDateTime) << 32n) + BigInt(dwLowDateTime)) / 10_000n) - 11_644_473_600_000
    assert.ok(started > before - 1000 && started < after + 1000, `${started} is not from ${before} to ${after}`)
  })

  it('name another process where one bit is another', () => {
    const own = identifyProcess(process.pid)
    const unique = toUniqueProcess(own)
    unique.ProcessStartTime.dwLowDateTime ^= 1
    unique.ProcessStartTime.dwLowDateTime >>>= 0
    assert.notEqual(toProcessIdentity(unique).startTime, own.startTime)
  })

  for (const [what, given] of [
    ['nothing', undefined],
    ['a pid', 1],
    ['a start time of 64 bits', { dwProcessId: 1, ProcessStartTime: 1n }],
    ['a start time without its own structure', { dwProcessId: 1, dwLowDateTime: 1, dwHighDateTime: 1 }],
    ['half a start time', { dwProcessId: 1, ProcessStartTime: { dwLowDateTime: 1 } }],
    ['a half with a sign', { dwProcessId: 1, ProcessStartTime: { dwLowDateTime: -1, dwHighDateTime: 1 } }],
    ['a half of 33 bits', { dwProcessId: 1, ProcessStartTime: { dwLowDateTime: 2 ** 32, dwHighDateTime: 1 } }],
  ] as const) {
    it(`are refused: ${what}`, () => {
      assert.throws(() => toProcessIdentity(given as never), withCode('INVALID_ARGUMENT'))
    })
  }
})
