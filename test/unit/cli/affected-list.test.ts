import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { showAffectedList } from '../../../src/cli/output/affected-list.ts'
import type { Terminal } from '../../../src/cli/terminal.ts'
import type { AffectedList, UnreadablePath } from '../../../src/model/index.ts'

const plain = { style: (_stream: unknown, _style: unknown, text: string) => text } as unknown as Terminal
const lines = (unreadable: UnreadablePath[]): string[] => {
  const list: AffectedList = { applications: [], rebootReasons: [], uninspected: [], heldByUnknown: [], unreadable }
  return showAffectedList(list, 'result', plain).split('\n')
}
const reason = 'permission denied (EACCES)'
const paths = (count: number): UnreadablePath[] => Array.from({ length: count }, (_, i) => ({ path: `/${i}`, reason }))

describe('The affected list for a person', () => {
  it('says what of the resources could not be read, at most five of them', () => {
    const line = (index: number): string => `Could not look into /${index}: ${reason}`
    assert.deepEqual(lines([]), ['Nothing uses these resources'])
    assert.deepEqual(lines(paths(5)), ['Nothing uses these resources', ...[0, 1, 2, 3, 4].map(line)])
    assert.deepEqual(lines(paths(7)), ['Nothing uses these resources', ...[0, 1, 2, 3, 4].map(line), 'and 2 more'])
  })

  it('shows such a path without its power over the terminal', () => {
    assert.equal(lines([{ path: '/a\u001b[2J\udcff', reason }])[1], `Could not look into /a\\x1b[2J\\xff: ${reason}`)
  })
})
