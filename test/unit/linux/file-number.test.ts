import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { describe, it } from 'node:test'
import { deviceNumber, exactFileNumber, fileNumber, isExact } from '../../../src/linux/file-number.ts'

describe('the number of a file', () => {
  it('is that of stat, as numbers and in full', () => {
    const { dev, ino } = statSync('/etc/passwd', { bigint: true })
    const exact = exactFileNumber('/etc/passwd')
    assert.deepEqual([exact?.dev, exact?.ino], [dev, ino])
    assert.equal(fileNumber('/etc/passwd')?.ino, Number(ino))
  })

  it('is undefined where there is nothing', () => {
    assert.equal(fileNumber('/etc/passwd/beneath'), undefined)
    assert.equal(exactFileNumber('/nowhere'), undefined)
  })

  it('is not exact beyond 2^53', () => {
    assert.ok(isExact({ dev: 1, ino: 2 ** 53 - 1 }))
    assert.ok(!isExact({ dev: 1, ino: 2 ** 53 }))
  })

  it('takes a device number from its parts as makedev(3) does', () => {
    const { rdev } = statSync('/dev/null')
    assert.equal(deviceNumber(1, 3), rdev)
    assert.equal(deviceNumber(0xfff, 0xfffff), 0xffff_ffff)
    assert.equal(deviceNumber(0x103, 0x1ff), 0x1103ff)
  })
})
