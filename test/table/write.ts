// Runs the table with fuser and lsof beside it, and writes docs/uses-table.md. Takes root, and about a minute.
import { writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { documentOf } from './document.ts'
import { runTable } from './run-table.ts'
import { toolVersions } from './tools.ts'

const { fuser, lsof } = toolVersions()
if (process.getuid?.() !== 0 || fuser === null || lsof === null) {
  console.error('The table takes root, fuser and lsof (apt install psmisc lsof)')
  process.exit(1)
}
const path = fileURLToPath(new URL('../../docs/uses-table.md', import.meta.url))
const table = await runTable({ others: true })
const text = documentOf(table, {
  date: new Date().toISOString().slice(0, 10),
  versions: [`Linux ${release()}`, `Node ${process.versions.node}`, `fuser ${fuser}`, `lsof ${lsof}`],
})
writeFileSync(path, `${text}\n`)
for (const line of table.skipped) console.error(line)
