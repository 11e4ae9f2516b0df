import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { AffectedList } from '../../../src/model/index.ts'
import { restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'

// The name puts it before all others: here nothing has been installed yet, and / is an overlay.

it('nothing is stale on a machine that has just booted', { skip: outsideMachine }, async () => {
  const { applications, uninspected } = JSON.parse((await restartctl(['stale', '--json'])).stdout) as AffectedList
  assert.deepEqual({ applications, uninspected }, { applications: [], uninspected: [] })
})
