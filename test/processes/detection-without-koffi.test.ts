import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { detectUses, type Detection } from '../../src/detection/index.ts'
import { detectElsewhere, registered, withoutKoffi } from '../support/detection.ts'
import { Folder } from '../support/folder.ts'
import { Holders, holdersAvailable, type Step } from '../support/holders.ts'

describe('without koffi', { skip: holdersAvailable() ?? false }, () => {
  it('the same uses are found, of every kind and by every thread', async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x'.repeat(4096))
    const holders: Record<string, Step[]> = {
      opens: [['open', file, 'read-write']],
      names: [['open', file, 'path']],
      maps: [['map', file, 'shared']],
      'in a thread': [
        [
          'in-thread',
          [
            ['unshare', 'files'],
            ['open', file, 'read'],
          ],
        ],
      ],
      'first thread ended': [['map', file, 'data'], ['open', file, 'read'], ['end-first-thread']],
      nothing: [['read', file]],
    }
    await using keeper = new Holders()
    const pids: number[] = []
    for (const [name, steps] of Object.entries(holders)) pids.push(await keeper.tell(name, steps))
    const [opens, names, maps, inThread, firstEnded] = pids
    const expected = [
      [opens, 'open', undefined],
      [names, 'open', true],
      [maps, 'mapped', undefined],
      [inThread, 'open', undefined],
      [firstEnded, 'mapped', undefined],
      [firstEnded, 'open', undefined],
    ]
    const described = ({ uses }: Detection) =>
      uses.map(({ process, as, pathOnly }) => [process.pid, as, pathOnly]).sort(([a], [b]) => Number(a) - Number(b))
    const found = await detectElsewhere([file], { first: withoutKoffi })
    assert.deepEqual(described(found), expected)
    assert.deepEqual(described(await detectUses({ files: [registered(file)], directories: [] })), expected)
  })
})
