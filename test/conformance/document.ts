import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Case } from './case.ts'

/** Where the table is kept. */
export const keptTable = fileURLToPath(new URL('../../docs/conformance.md', import.meta.url))

/** What a case came to. */
export interface Outcome {
  tried: Case
  got: string
}

const beginning = `# Conformance with the Windows Restart Manager

Written by \`npm run conformance\`. The cases are \`test/conformance/\`: real processes, driven through
\`restart-manager/rstrtmgr\`. \`npm test\` runs them too, and fails where a case comes to anything else than stands here. What is
expected is what Microsoft documents or others have observed on Windows; where neither says anything, that is what stands there. How
the rest of the API is carried over: [windows.md](windows.md).

| case | what | expected | got | where Linux differs, and why |
| --- | --- | --- | --- | --- |
`

export function documentOf(outcomes: Outcome[]): string {
  return `${beginning}${outcomes.map(rowOf).join('\n')}\n`
}

export function rowOf({ tried: { id, name, expected, differs = '' }, got }: Outcome): string {
  return `| ${[id, name, expected, got, differs].map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
}

/** The rows that are kept, by their case. */
export function keptRows(): Map<string, string> {
  const rows = readFileSync(keptTable, 'utf8')
    .split('\n')
    .filter((line) => /^\| C\d/.test(line))
  return new Map(rows.map((row) => [/^\| (\w+)/.exec(row)?.[1] ?? '', row]))
}
