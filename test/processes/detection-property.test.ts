import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { holdersAvailable } from '../support/holders.ts'
import { directories, files, holderNames, links, World, type Action } from '../support/world.ts'

const file = fc.constantFrom(...files)
const named = fc.constantFrom(...files, ...links)
const directory = fc.constantFrom(...directories)
const holder = fc.constantFrom(...holderNames)
const access = fc.constantFrom('read', 'write', 'append', 'read-write', 'path')
const kind = fc.constantFrom('code', 'data', 'shared')

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('make'), file }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove'), file }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('link', 'rename'), file, to: file }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('point'), link: fc.constantFrom(...links), file }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('register'), file: named }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('register directory'), directory }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('open'), holder, file: named, access }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('map'), holder, file: named, kind }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('run'), file: named }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('work in'), holder, directory }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('let go', 'end'), holder }) },
)

/** All names are there from the beginning, so that most actions find something to act upon. */
const beginning: Action[] = files.map((name) => ({ do: 'make', file: name }))

describe('any world of files and processes', { skip: holdersAvailable() ?? false }, () => {
  it('has the users that a model of it knows, and no others', async () => {
    const actions = fc.array(action, { minLength: 10, maxLength: 30, size: 'max' })
    await fc.assert(
      fc.asyncProperty(actions, async (steps) => {
        await using world = new World()
        for (const step of [...beginning, ...steps]) await world.perform(step)
        assert.deepEqual(await world.detected(), world.expected())
        assert.deepEqual(await world.detected('processes'), world.expected(), 'without the help of the kernel')
      }),
      { numRuns: 60 },
    )
  })
})
