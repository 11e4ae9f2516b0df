import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { holdersAvailable } from '../support/holders.ts'
import type { Cell } from '../table/cell.ts'
import { runTable } from '../table/run-table.ts'

describe('the table of uses and places', { skip: holdersAvailable() ?? false }, () => {
  it('has no miss and no false alarm', async (test) => {
    const { cells, skipped } = await runTable({ others: false })
    for (const reason of skipped) await test.test(reason, { skip: reason })
    const asked = cells.filter((cell) => cell.impossible === null)
    assert.ok(asked.length > 50, `only ${asked.length} cells`)
    assert.deepEqual(asked.filter((cell) => cell.gap === null && !isRight(cell)).map(describeCell), [])
    assert.deepEqual(asked.filter((cell) => cell.gap !== null && isRight(cell)).map(describeCell), [], 'no longer gaps')
  })
})

function isRight(cell: Cell): boolean {
  return cell.verdicts['restart-manager'] === 'right'
}

function describeCell({ fileSystem, role, name, verdicts, expected, found }: Cell): string {
  return `${fileSystem}, ${role}: ${name}: ${String(verdicts['restart-manager'])}: [${found.join(', ')}] instead of [${expected.join(', ')}]`
}
