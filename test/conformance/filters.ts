import assert from 'node:assert/strict'
import {
  RM_FILTER_ACTION,
  RM_FILTER_TRIGGER,
  RmAddFilter,
  RmGetFilterList,
  RmRemoveFilter,
  toUniqueProcess,
  type RM_FILTER_INFO,
  type RM_UNIQUE_PROCESS,
} from '../../src/rstrtmgr.ts'
import { identifyProcess } from '../../src/processes/index.ts'
import type { Case } from './case.ts'
import { startTestSession } from './installer.ts'

const { RmNoRestart, RmNoShutdown } = RM_FILTER_ACTION
const { RmFilterTriggerFile, RmFilterTriggerProcess, RmFilterTriggerService } = RM_FILTER_TRIGGER

export const filterCases: Case[] = [
  {
    id: 'C60',
    name: 'filters for a program, a process and a service: add, replace, list, remove',
    expected: 'all of it 0; remove an unknown one 2; too little room 234; none at all 0 and none needed',
    differs: 'Room is counted in records, as a list has no bytes',
    async run() {
      await using session = await startTestSession()
      const { handle } = session
      const self = toUniqueProcess(identifyProcess(process.pid))
      const targets: [string | null, RM_UNIQUE_PROCESS | null, string | null][] = [
        ['/usr/bin/editor', null, null],
        [null, self, null],
        [null, null, 'web'],
      ]
      const addFilter = ([module, unique, service]: (typeof targets)[number]) =>
        RmAddFilter(handle, module, unique, service, RmNoRestart)
      const removeFilter = ([module, unique, service]: (typeof targets)[number]) =>
        RmRemoveFilter(handle, module, unique, service)
      const none = await RmGetFilterList(handle, 0)
      assert.deepEqual(none, { error: 0, filterInfoNeeded: 0, filterInfo: 0, filters: [] })
      const added: number[] = []
      for (const target of targets) added.push(await addFilter(target))
      added.push(await RmAddFilter(handle, null, self, null, RmNoShutdown))
      assert.deepEqual(added, [0, 0, 0, 0])
      const small = await RmGetFilterList(handle, 2)
      assert.deepEqual(small, { error: 234, filterInfoNeeded: 3, filterInfo: 0, filters: [] })
      const all = await RmGetFilterList(handle, 3)
      assert.equal(all.error, 0)
      assert.deepEqual(byTrigger(all.filters), [
        { FilterTrigger: RmFilterTriggerFile, FilterAction: RmNoRestart, strFilename: '/usr/bin/editor' },
        { FilterTrigger: RmFilterTriggerProcess, FilterAction: RmNoShutdown, Process: self },
        { FilterTrigger: RmFilterTriggerService, FilterAction: RmNoRestart, strServiceShortName: 'web' },
      ])
      assert.deepEqual(
        all.filters.map(({ cbNextOffset }) => cbNextOffset),
        [1, 1, 0],
      )
      const removed: number[] = []
      for (const target of targets) removed.push(await removeFilter(target))
      assert.deepEqual(removed, [0, 0, 0])
      const unknown = await RmRemoveFilter(handle, '/usr/bin/editor', null, null)
      assert.equal(unknown, 2)
      return [
        [...added, all.error, ...removed].join(', '),
        `unknown ${unknown}`,
        `room for 2: ${small.error}, needed 3`,
        `none: ${none.error}, needed 0`,
      ].join('; ')
    },
  },
]

function byTrigger(filters: RM_FILTER_INFO[]): object[] {
  return filters.toSorted((a, b) => a.FilterTrigger - b.FilterTrigger).map(({ cbNextOffset: _, ...filter }) => filter)
}
