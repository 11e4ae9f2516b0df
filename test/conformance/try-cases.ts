import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Folder } from '../support/folder.ts'
import type { Case } from './case.ts'
import { keptRows, rowOf } from './document.ts'

/** A test for each case: what comes of it is what the table says. */
export function tryCases(cases: Case[]): void {
  const kept = keptRows()
  for (const tried of cases) {
    it(`${tried.id} ${tried.name}: ${tried.expected}`, async () => {
      using folder = new Folder().holdingSessions()
      const got = await tried.run(folder)
      assert.equal(kept.get(tried.id), rowOf({ tried, got }), 'docs/conformance.md is old: npm run conformance')
    })
  }
}
