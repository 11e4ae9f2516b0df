import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { outsideMachine } from './machine-only.ts'
import { modes, runAndCompare } from './modes.ts'
import { cluster, query, startPostgresql, umbrella } from './postgresql.ts'

describe('postgresql, and the whole machine around it', { skip: outsideMachine }, () => {
  before(async () => {
    await startPostgresql()
    await query('CREATE TABLE kept AS SELECT 42 AS value')
  })

  for (const mode of modes) {
    it(`is as before where the cluster is named, and its umbrella is not touched: ${mode.name}`, async () => {
      await runAndCompare(mode, { resources: ['--service', 'postgresql@15-main'], again: [cluster] })
      assert.equal(await query('SELECT value FROM kept'), '42')
    })

    it(`is as before where the umbrella is named, which has no process and takes the cluster down: ${mode.name}`, async () => {
      await runAndCompare(mode, { resources: ['--service', 'postgresql'], again: [umbrella, cluster] })
      assert.equal(await query('SELECT value FROM kept'), '42')
    })
  }
})
