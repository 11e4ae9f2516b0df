import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Bus, Call } from '../../../src/services/systemd/bus.ts'
import { Refusal } from '../../../src/services/systemd/bus-errors.ts'
import { Reloads } from '../../../src/services/systemd/reloads.ts'

/** A service manager that has to read its unit files again; `refuses`: this caller may not have it do so. */
function managerWithOldUnits(refuses = false) {
  const reloads: string[] = []
  const bus = {
    call: ({ member }: Call) => {
      if (member === 'Get') return Promise.resolve(reloads.length === 0)
      reloads.push(member)
      return refuses ? Promise.reject(new Refusal('AccessDenied', 'No.', null)) : Promise.resolve(undefined)
    },
  } as unknown as Bus
  return { bus, reloads }
}

describe('unit files that have changed', () => {
  it('are read again once for all who are at it at the same time', async () => {
    const { bus, reloads } = managerWithOldUnits()
    const shared = new Reloads()
    await Promise.all(['a.service', 'b.service', 'c.service'].map((name) => shared.catchUp(bus, [name])))
    await shared.catchUp(bus, ['a.service'])
    assert.deepEqual(reloads, ['Reload'])
  })

  it('have to do as they are loaded where the caller may not have them read', async () => {
    const { bus, reloads } = managerWithOldUnits(true)
    await new Reloads().catchUp(bus, ['a.service', 'a.timer'])
    assert.deepEqual(reloads, ['Reload'])
  })
})
