import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allCases } from './all-cases.ts'
import { keptRows } from './document.ts'
import { tryCases } from './try-cases.ts'

describe('conformance with the Windows Restart Manager', () => {
  tryCases(allCases.filter(({ takesLong = false }) => !takesLong))

  it('has all cases in its table, and no others', () => {
    assert.deepEqual(
      [...keptRows().keys()],
      allCases.map(({ id }) => id),
    )
  })
})
