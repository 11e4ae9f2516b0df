// Runs all cases, and writes docs/conformance.md. Takes a minute.
import { writeFileSync } from 'node:fs'
import { allCases } from './all-cases.ts'
import { documentOf, keptTable, type Outcome } from './document.ts'
import { Folder } from '../support/folder.ts'

const outcomes: Outcome[] = []
for (const tried of allCases) {
  using folder = new Folder().holdingSessions()
  outcomes.push({ tried, got: await tried.run(folder) })
}
writeFileSync(keptTable, documentOf(outcomes))
