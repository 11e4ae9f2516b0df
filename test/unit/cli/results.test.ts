import assert from 'node:assert/strict'
import { it } from 'node:test'
import { showResults } from '../../../src/cli/output/results.ts'
import type { Terminal } from '../../../src/cli/terminal.ts'
import type { AffectedApplication, ApplicationResult, ApplicationStatus } from '../../../src/model/index.ts'
import { anApplication } from '../../fixtures/store-folder.ts'

const terminal: Pick<Terminal, 'style'> = { style: (_stream, _style, text) => text }

it('A program that is not as it was has a line for what it lacks', () => {
  const application: Pick<AffectedApplication, 'name' | 'process'> = {
    name: 'editor',
    process: { pid: 7, startTime: 1n },
  }
  const result: ApplicationResult = {
    application: application as AffectedApplication,
    outcome: 'restarted',
    durationMs: 0,
    forced: false,
    error: null,
    journal: [],
  }
  const changed = ['its terminal', 'its niceness, -3 (not permitted)']
  assert.deepEqual(showResults([result, { ...result, changed }], 'restart', terminal as Terminal), [
    'Started: editor (process 7)',
    'Started: editor (process 7)',
    '    Not as before: its terminal; its niceness, -3 (not permitted)',
  ])
})

it('Who decided that something is left running, or down, is said', () => {
  const rule = { why: 'ours', file: '/etc/restart-manager/policy.toml', line: 3 }
  const result = (
    name: string,
    outcome: ApplicationStatus,
    more: Partial<AffectedApplication> = {},
  ): ApplicationResult => ({
    application: { ...anApplication(name), service: `${name}.service`, ...more },
    outcome,
    durationMs: 0,
    forced: false,
    error: null,
    journal: [],
  })
  const results = [
    result('filtered', 'shutdown-masked'),
    result('ruled', 'shutdown-masked', { rule: { ...rule, action: 'no-shutdown' } }),
    result('needed', 'shutdown-masked', { dependents: ['other.service', 'ruled.service'] }),
    result('other', 'stopped'),
    result('both', 'shutdown-masked', { rule: { ...rule, action: 'no-restart' } }),
    result('down', 'restart-masked', { rule: { ...rule, action: 'no-restart' } }),
  ]
  const shown = showResults(results, 'shutdown', terminal as Terminal).map((line) =>
    line.replace(/ \(process \d+\)/, ''),
  )
  assert.deepEqual(shown, [
    'Left running, as a filter says: filtered',
    'Left running, as /etc/restart-manager/policy.toml:3 says: ruled',
    'Left running, as ruled would go down with it: needed',
    'Stopped: other',
    'Left running, as a filter says: both',
    'Stays down, as /etc/restart-manager/policy.toml:3 says: down',
  ])
})
